import type { Clock, Log } from '@velocast/runtime'
import type { Topic, TopicName } from '@velocast/schemas'

export interface KafkaOptions {
  /** host:port of each broker to begin with. */
  brokers: readonly string[]
  /** A registry that speaks the Confluent API. */
  registryUrl: string
  clientId: string
  /** Put before every topic, group and subject name, so that installations can share a cluster. */
  topicPrefix: string
  /**
   * Partitions of every topic (default: the catalogue's 24). All clients of one cluster must agree: it decides where a
   * system's records are.
   */
  partitions?: number
  /** The schemas of topics, where they are not those of the catalogue: for what is written with `encoded`. */
  schemaOf?: (topic: TopicName) => string
  clock: Clock
  log: Log
}

/** A record to be published. Key, partition and time follow from the topic and the value. */
// biome-ignore lint/suspicious/noExplicitAny: a list may hold records of several topics.
export interface TopicRecord<T = any> {
  topic: Topic<T>
  value: T
  /** The value's Avro body, where the caller has a faster way to write it than the schema. */
  encoded?: Buffer
  /** Kafka's timestamp, by which the broker deletes; by default the record's own time. */
  stampedAt?: number
  headers?: Record<string, string>
}

/** A record that was read. Its offset and partition name it for ever. */
// biome-ignore lint/suspicious/noExplicitAny: a stage may read several topics.
export interface ReceivedRecord<T = any> {
  topic: Topic<T>
  partition: number
  offset: number
  key: string
  value: T
  /** The record's own time (Kafka's timestamp), epoch milliseconds. */
  eventAt: number
  headers: Record<string, string>
  /** Key, value and headers as they came, for dead letters. */
  raw: { key: Buffer | null; value: Buffer | null; headers: Record<string, Buffer> }
}

/** Why the runner itself, or a table (`invalid`), refuses a record. */
export type RejectionReason = 'not-avro' | 'unknown-schema' | 'invalid' | 'too-large'

/** A record that cannot be used, and why. It goes to the topic's dead letters with its original bytes. */
export interface Rejection {
  record: ReceivedRecord
  /** A RejectionReason, or the name of the rule that it breaks: in kebab case, and one of few, since it is a metric's label. */
  reason: string
  /** What was wrong, in words. */
  detail: string
}

export interface TopicProducer {
  /**
   * Publishes the records, topic after topic in the order in which they first appear, each topic's in order, and
   * resolves once all are acknowledged by all replicas. While the broker is away it goes on trying; it rejects with an UnavailableError after `giveUpAfterMs`
   * (default: never), or at once with another error when a record cannot be encoded.
   */
  send: (
    records: readonly TopicRecord[],
    options?: { giveUpAfterMs?: number; signal?: AbortSignal },
  ) => Promise<void>
  close: () => Promise<void>
}

/** What a stage does with a batch: records of one partition, in order, decoded. */
export interface BatchStage {
  /** The consumer group; the prefix is put before it. */
  group: string
  // biome-ignore lint/suspicious/noExplicitAny: a stage may read several topics.
  from: readonly Topic<any>[]
  /** At most so many records are handed over at once (default 2,000). */
  maxRecords?: number
  /**
   * Does the work and resolves when its effect is durable; only then does the offset move. What it returns is
   * dead-lettered. An UnavailableError is retried with back-off for as long as it takes, heartbeats going on; any other
   * error ends the stage (`stopped` rejects).
   */
  handle: (records: readonly ReceivedRecord[]) => Promise<readonly Rejection[]>
}

/** Long work on one record at a time, outside the consumer's callback, so that membership outlives minutes of work. */
export interface JobStage<T> {
  group: string
  from: Topic<T>
  /** Resolves when the job is done for good: only then does the offset move. Errors as in BatchStage. */
  run: (record: ReceivedRecord<T>, signal: AbortSignal) => Promise<void>
}

export interface RunningStage {
  /** Resolves when stopped as asked, rejects when the stage failed. */
  stopped: Promise<void>
  stop: () => Promise<void>
  /** What it is waiting for, or null: for /health/ready. */
  problem: () => string | null
  /** Says so when it has shown no sign of life for minutes, not even an attempt: for /health/live. */
  stalled: () => string | null
  /** Partitions of the group's topics now assigned to this member. */
  assigned: () => ReadonlyMap<string, readonly number[]>
}

/**
 * A stage that keeps state for each partition of its input: the state is a pure function of the input up to an offset
 * and of the side topics, and is rebuilt from snapshots and the log whenever the partition is assigned.
 */
// biome-ignore lint/suspicious/noExplicitAny: input and sides are of several types.
export interface PartitionStage<In = any> {
  group: string
  input: Topic<In>
  /** Snapshots of the state, one of the outputs: read from its beginning at every assignment, then left alone. */
  // biome-ignore lint/suspicious/noExplicitAny: snapshots are of any type.
  snapshots?: Topic<any>
  /** Topics that are read from their beginning at every assignment, and are caught up with before input goes on. */
  // biome-ignore lint/suspicious/noExplicitAny: sides are of several types.
  sides: readonly Topic<any>[]
  /**
   * Those of the sides of which only the recent past matters: `handle` says from which offset on each is still needed
   * (`sidesNeededFrom`), and the next owner of the partition reads it from there.
   */
  // biome-ignore lint/suspicious/noExplicitAny: sides are of several types.
  boundedSides?: readonly Topic<any>[]
  // biome-ignore lint/suspicious/noExplicitAny: outputs are of several types.
  outputs: readonly Topic<any>[]
  /** At most so many input records are handled at once (default 2,000). */
  maxRecords?: number
  open: (partition: number) => PartitionTask<In>
  /** Called once for each assigned partition, when its state is where it was when the offset was committed. */
  onRestored?: (report: RestoreReport) => void
}

export interface RestoreReport {
  partition: number
  /** From the assignment until the sides had been read. */
  snapshotsMs: number
  /** From then until what is between the snapshots and the committed offset had been read again. */
  replayMs: number
  replayedRecords: number
}

export interface PartitionProgress {
  /**
   * Records before this offset are replayed only to rebuild the state: what follows from them was published by an
   * earlier owner, and must not be published again.
   */
  publishFrom: number
  /**
   * The last input offset that the state holds before these records. A snapshot of this very state, among the outputs,
   * is published after that offset is committed: one that is ahead of the committed offset would know the future of what
   * comes again after a crash. Null while the state is behind what is committed.
   */
  snapshotOffset: number | null
}

export interface PartitionTask<In> {
  /** A record of a side topic, or a snapshot. Idempotent; order between topics does not matter. */
  applySide: (record: ReceivedRecord) => void
  /**
   * Asked once the sides are caught up: the first input offset needed to rebuild the state; null: as far back as the log
   * goes. What takes longer than a second gives the event loop its turn in between, or the group misses the member.
   */
  restoreFrom: (committedOffset: number) => number | null | Promise<number | null>
  /** Input in order. */
  handle: (records: readonly ReceivedRecord<In>[], progress: PartitionProgress) => PartitionResult
}

export interface PartitionResult {
  outputs: TopicRecord[]
  rejections: Rejection[]
  /**
   * How many of the records this is the result of, at least one; absent: all of them. The rest is handed over again once
   * this is on its way, so that what follows from a few records need not be in memory all at once.
   */
  handled?: number
  /** By the name of a bounded side: its first offset without which the state after these records cannot be rebuilt. */
  sidesNeededFrom?: ReadonlyMap<TopicName, number>
}

/** Reads topics from somewhere to their end and goes on following them, without a committed group: for tables and caches. */
export interface FollowOptions {
  // biome-ignore lint/suspicious/noExplicitAny: several topics may be followed.
  topics: readonly Topic<any>[]
  from: 'beginning' | { atMs: number } | 'end'
  /** Only these systems' partitions are read when given. */
  systemIds?: readonly string[]
  /** Records of one partition, in order. Must not throw for bad data. */
  onRecords: (records: readonly ReceivedRecord[]) => void | Promise<void>
}

export interface Follower {
  /** Resolves when all that was there at the start has been handed over. */
  caughtUp: Promise<void>
  /** Resolves when stopped as asked, rejects when a handler failed. */
  stopped: Promise<void>
  problem: () => string | null
  stalled: () => string | null
  /** Records between the last one handed over and the end, all partitions, as last known. */
  lag: () => number
  stop: () => Promise<void>
}

/** Why a record was refused, as its dead letter says. */
export interface LetterFailure {
  reason: string
  detail: string
  /** The group that refused it. */
  consumer: string
  /** ISO 8601. */
  rejectedAt: string
}

export interface DeadLetter extends LetterFailure {
  /** Of the record, not of the letters. */
  topic: TopicName
  /** In the topic of the letters: with that topic, it names the letter for ever. */
  offset: number
  /** '' when the record had none. */
  key: string
  /** As the key says; null when it says nothing. */
  systemId: string | null
  /** How often the record had been sent back when it was refused this time. */
  redrives: number
  /** This letter has been sent back. */
  isRedriven: boolean
}

export interface DeadLetterBox {
  /** All letters of a topic that there are now, the oldest first. */
  read: (topic: TopicName, signal: AbortSignal) => Promise<DeadLetter[]>
  /**
   * Sends the letters at these offsets back to the topic, in order: original key, bytes, time and headers, and in further
   * headers which letter it was, how often it was sent back, and why it was refused each time. Resolves with their number
   * once they are acknowledged and marked; what was not marked when it is interrupted is sent again the next time.
   */
  redrive: (
    topic: TopicName,
    offsets: ReadonlySet<number>,
    options: { redriveId: string; onSent?: (letters: number) => void; signal: AbortSignal },
  ) => Promise<number>
}

export interface GrowthReport {
  from: number
  to: number
  /** Records copied to other partitions, by topic. */
  copied: Record<string, number>
}

export interface KafkaClient {
  /** The topic's name in this cluster, prefix included. */
  topicName: (name: string) => string
  /** Creates what is missing of the catalogue, dead letters included. Existing topics are left as they are. */
  createTopics: () => Promise<{ created: string[] }>
  /** Registers every schema with FULL_TRANSITIVE compatibility. Throws when a change is incompatible, naming it. */
  registerSchemas: () => Promise<void>
  /**
   * Gives all topics of the catalogue as many partitions as this client counts on, and copies what systems have in former
   * partitions to their new ones. Nobody may read or write meanwhile: throws a ConfigError that names the groups that
   * have members, or records to handle. When it was interrupted, it goes on where it was.
   */
  growTopics: (signal: AbortSignal) => Promise<GrowthReport>
  openProducer: () => Promise<TopicProducer>
  runBatches: (stage: BatchStage) => Promise<RunningStage>
  runJobs: <T>(stage: JobStage<T>) => Promise<RunningStage>
  runPartitions: (stage: PartitionStage) => Promise<RunningStage>
  follow: (options: FollowOptions) => Promise<Follower>
  deadLetters: DeadLetterBox
  /** Records that the group has still to handle: between what it has committed and the end of these topics. */
  // biome-ignore lint/suspicious/noExplicitAny: topics of several types.
  lagOf: (group: string, topics: readonly Topic<any>[]) => Promise<number>
  /** Resolves when a broker answers; rejects with an UnavailableError when none does. */
  ping: () => Promise<void>
  close: () => Promise<void>
}
