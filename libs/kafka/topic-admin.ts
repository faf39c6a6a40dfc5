import { allTopics, deadLetterTopicName, type Topic } from '@velocast/schemas'
import type { Admin, ITopicConfig } from 'kafkajs'
import { asUnavailable } from './is-kafka-error.ts'
import { retryUntilAvailable } from './retry-until-available.ts'

/** Compaction leaves newer records alone, so that a sink that was away for a day still finds every vector. */
const KEPT_WHOLE_MS = 24 * 60 * 60 * 1000
const COMPACTED_SEGMENT_BYTES = 64 * 1024 * 1024
const DEAD_LETTERS_KEPT_MS = 90 * 24 * 60 * 60 * 1000

export interface TopicOffsets {
  partition: number
  low: number
  high: number
}

/** Creates what is missing of the catalogue, and waits until it can be used. What is there already is left as it is. */
export const createCatalogue = async (
  admin: Admin,
  topicName: (name: string) => string,
  partitions: number,
): Promise<{ created: string[] }> => {
  try {
    const present = new Set(await admin.listTopics())
    const topics = allTopics
      .flatMap((topic) => [topicConfig(topic, topicName, partitions), deadLetterConfig(topic, topicName)])
      .filter((config) => !present.has(config.topic))
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: false })
    const created = topics.map((config) => config.topic)
    await Promise.all(created.map((topic) => waitUntilLed(admin, topic)))
    return { created }
  } catch (error) {
    if ((error as { type?: string }).type === 'TOPIC_ALREADY_EXISTS')
      return createCatalogue(admin, topicName, partitions)
    throw asUnavailable(error)
  }
}

/** A new topic is in the metadata before the broker leads its partitions; until then every request for it fails. */
const waitUntilLed = (admin: Admin, topic: string): Promise<unknown> =>
  retryUntilAvailable(() => fetchOffsets(admin, topic), { longestDelayMs: 500 })

const topicConfig = (
  topic: Topic<never>,
  topicName: (name: string) => string,
  partitions: number,
): ITopicConfig => ({
  topic: topicName(topic.name),
  numPartitions: partitions,
  replicationFactor: -1,
  configEntries: [
    { name: 'cleanup.policy', value: topic.cleanup },
    {
      name: 'message.timestamp.type',
      value: topic.timestamps === 'append' ? 'LogAppendTime' : 'CreateTime',
    },
    // What a restart reads: compaction leaves the newest segment alone, and waits until this part of the rest is stale.
    ...(topic.cleanup === 'compact'
      ? [
          { name: 'segment.bytes', value: String(COMPACTED_SEGMENT_BYTES) },
          { name: 'min.cleanable.dirty.ratio', value: '0.2' },
        ]
      : []),
    ...(topic.cleanup === 'compact,delete'
      ? [{ name: 'min.compaction.lag.ms', value: String(KEPT_WHOLE_MS) }]
      : []),
    ...(topic.retentionMs === null ? [] : [{ name: 'retention.ms', value: String(topic.retentionMs) }]),
  ],
})

const deadLetterConfig = (topic: Topic<never>, topicName: (name: string) => string): ITopicConfig => ({
  topic: topicName(deadLetterTopicName(topic.name)),
  numPartitions: 1,
  replicationFactor: -1,
  configEntries: [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: String(DEAD_LETTERS_KEPT_MS) },
  ],
})

/** First and next offset of every partition of a topic. */
export const fetchOffsets = async (admin: Admin, topic: string): Promise<TopicOffsets[]> => {
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
  } catch (error) {
    throw asUnavailable(error)
  }
}

/** The first offset of each partition whose record is of `atMs` or later; the end where there is none. */
export const fetchOffsetsAt = async (
  admin: Admin,
  topic: string,
  atMs: number,
): Promise<Map<number, number>> => {
  try {
    const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, atMs)
    return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]))
  } catch (error) {
    throw asUnavailable(error)
  }
}

/** What the group has committed of a topic, by partition; -1 where nothing is. */
export const fetchCommitted = async (
  admin: Admin,
  groupId: string,
  topic: string,
): Promise<Map<number, number>> => {
  try {
    const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] })
    return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]) ?? [])
  } catch (error) {
    throw asUnavailable(error)
  }
}
