/**
 * The runner of stages with state. For each assigned partition:
 *   1. the input is paused, and the side topics (snapshots among them) are read from their beginning to their end; those
 *      of which a stage needs only the recent past, from where it said so when the input's offset was last committed
 *   2. the input is sought to where the state needs it; what lies before the committed offset is replayed in silence
 *   3. for every batch: do the sides hold all that was in their topics when the batch was here? If not, pause, catch
 *      up, come back. Whoever publishes a side record and, once it is acknowledged, an input record, can so be sure
 *      that the one is seen with the other, live, in a back-fill and in a replay
 *   4. decode and handle a chunk, while the outputs of the one before it are under way
 *   5. when the one before it is committed, publish the chunk's outputs (snapshots first, see `progressOf`) and dead
 *      letters, acknowledged by all replicas
 *   6. resolve and commit the offset; a batch is over when its last chunk is committed
 * Whenever the group is joined anew, all of it is done anew: state that may be ahead of or behind the log is never kept.
 * For the same reason the consumer is made anew when a chunk that has been handled could not be published.
 */
import type { Topic } from '@velocast/schemas'
import type { Consumer, EachBatchPayload } from 'kafkajs'
import {
  type AssignedPartition,
  beginInput,
  isCaughtUp,
  openPartition,
  progressOf,
  takeRestoreReport,
} from './assigned-partition.ts'
import { coPartitionedAssigner } from './co-partitioned-assigner.ts'
import { type BatchContext, consume, isRebalance, withHeartbeats } from './consume.ts'
import { deadLetter } from './dead-letters.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { createPartitionOffsets, SIDE_COMMIT } from './partition-offsets.ts'
import { createPatientSteps } from './patient-steps.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import { createRawProducer, type RawMessage, rawMessage } from './topic-producer.ts'
import type { PartitionResult, PartitionStage, Rejection, RunningStage } from './types.ts'

const MAX_RECORDS = 2_000

/** What follows from the records before the offset `next`. */
interface HandledChunk {
  next: number
  messages: RawMessage[]
  sidesNeededFrom: PartitionResult['sidesNeededFrom']
}

export const runPartitions = (internals: KafkaInternals, stage: PartitionStage): RunningStage => {
  const { kafka, codec, clock, log, topicName } = internals
  const groupId = topicName(stage.group)
  const inputName = topicName(stage.input.name)
  const snapshotsName = stage.snapshots ? topicName(stage.snapshots.name) : null
  const sideTopics = new Map(
    [...stage.sides, ...(stage.snapshots ? [stage.snapshots] : [])].map((topic) => [
      topicName(topic.name),
      topic,
    ]),
  )
  const producer = createRawProducer(kafka)
  const stopping = new AbortController()
  const { decode, publish } = createPatientSteps(codec, producer, stopping.signal)
  let partitions = new Map<number, AssignedPartition>()
  const patiently = <T>(work: () => Promise<T>): Promise<T> =>
    retryUntilAvailable(work, { signal: stopping.signal })
  const { askCommitted, askEnds } = createPartitionOffsets(internals, stage, patiently)

  const onJoin = (assigned: ReadonlyMap<string, readonly number[]>, consumer: Consumer): void => {
    const mine = assigned.get(inputName) ?? []
    log.info({ partitions: mine }, 'partitions assigned')
    partitions = new Map(
      mine.map((partition) => [
        partition,
        openPartition(
          partition,
          stage.open(partition),
          sideTopics.keys(),
          internals.partitionOf,
          clock.now(),
        ),
      ]),
    )
    consumer.pause([{ topic: inputName, partitions: [...mine] }])
    if (snapshotsName) consumer.resume([{ topic: snapshotsName, partitions: [...mine] }])
    const restored = partitions
    // The ends come last: once they are known, a side batch may start the partition.
    const opened = [...restored.values()]
    askCommitted(opened)
      .then(() => askEnds(opened))
      .then(async () => {
        for (const each of opened) await startWhenReady(each, consumer)
      })
      .catch((error) => {
        if (!stopping.signal.aborted && partitions === restored) running.fail(error)
      })
  }

  /** Begins or goes on with the input once the sides have reached the ends last asked for. */
  const startWhenReady = async (each: AssignedPartition, consumer: Consumer): Promise<void> => {
    const isOwned = (): boolean => partitions.get(each.partition) === each
    if (!isOwned() || !isCaughtUp(each)) return
    if (each.next === null) {
      each.beginning ??= beginInput(each, clock)
      await each.beginning
      if (!isOwned()) return
    }
    if (!each.restore.isLogged) {
      each.restore.isLogged = true
      const { partition, committed, next: from, restore } = each
      const readMs = restore.snapshotsReadAt - restore.openedAt
      log.info({ partition, committed, from, readMs }, 'state restored from snapshots')
      reportRestored(each)
      if (snapshotsName) {
        consumer.pause([{ topic: snapshotsName, partitions: [partition] }])
        each.sides.delete(snapshotsName)
      }
    }
    consumer.seek({ topic: inputName, partition: each.partition, offset: String(each.next) })
    consumer.resume([{ topic: inputName, partitions: [each.partition] }])
  }

  const reportRestored = (each: AssignedPartition): void => {
    const report = takeRestoreReport(each, clock.now())
    if (!report) return
    if (report.replayedRecords > 0) log.info({ ...report }, 'state brought forward to the committed offset')
    stage.onRestored?.(report)
  }

  const onSideBatch = async (
    payload: EachBatchPayload,
    context: BatchContext,
    // biome-ignore lint/suspicious/noExplicitAny: input and sides are of several types.
    topic: Topic<any>,
  ): Promise<void> => {
    const { partition, messages } = payload.batch
    const each = partitions.get(partition)
    if (!each?.sides.has(payload.batch.topic)) return
    const { records, rejections } = await decode(payload, context, topic, messages)
    if (!context.isCurrent()) return
    const letters = rejections.map((rejection) =>
      deadLetter(rejection, { consumer: stage.group, clock, topicName }),
    )
    if (letters.length > 0)
      log.warn({ topic: topic.name, count: letters.length }, 'records of a side topic passed over')
    for (const record of records) if (each.owns(record)) each.task.applySide(record)
    const last = messages.at(-1)!.offset
    payload.resolveOffset(last)
    const side = each.sides.get(payload.batch.topic)
    if (!side) return
    const wasCaughtUp = isCaughtUp(each)
    side.next = Number(payload.batch.lastOffset()) + 1
    if (!wasCaughtUp && each.hasEnds)
      await withHeartbeats(payload, () => startWhenReady(each, context.consumer))
  }

  const onInputBatch = async (payload: EachBatchPayload, context: BatchContext): Promise<void> => {
    const { partition } = payload.batch
    const each = partitions.get(partition)
    if (!each || each.next === null) return
    await askEnds([each])
    if (!isCaughtUp(each)) {
      context.consumer.pause([{ topic: inputName, partitions: [partition] }])
      return
    }
    try {
      await handleChunks(payload, context, each)
    } catch (error) {
      if (!isRebalance(error)) context.startAnew(error)
      throw error
    }
  }

  const handleChunks = async (
    payload: EachBatchPayload,
    context: BatchContext,
    each: AssignedPartition,
  ): Promise<void> => {
    const isOwned = (): boolean => context.isCurrent() && partitions.get(each.partition) === each
    const chunkSize = stage.maxRecords ?? MAX_RECORDS
    const { messages } = payload.batch
    const pending = messages.filter((message) => Number(message.offset) >= each.next!)
    if (pending.length === 0) payload.resolveOffset(messages.at(-1)!.offset)
    let previous: Promise<void> = Promise.resolve()
    for (let start = 0; start < pending.length; start += chunkSize) {
      const chunk = pending.slice(start, start + chunkSize)
      const decoded = await decode(payload, context, stage.input, chunk)
      const owned = decoded.records.filter(each.owns)
      const end = Number(chunk.at(-1)!.offset) + 1
      for (let handled = 0; each.next! < end; ) {
        if (!payload.isRunning() || !isOwned()) return previous
        const from = each.next!
        const progress = progressOf(each)
        const left = owned.slice(handled)
        const result = each.task.handle(left, progress)
        handled += result.handled ?? left.length
        each.next = handled < owned.length ? owned[handled - 1]!.offset + 1 : end
        reportRestored(each)
        const done = {
          next: each.next,
          sidesNeededFrom: result.sidesNeededFrom,
          messages: [
            ...result.outputs.map((output) => rawMessage(output, internals)),
            ...[...decoded.rejections.filter(isWithin(from, each.next)), ...result.rejections]
              .filter(({ record }) => record.offset >= progress.publishFrom)
              .map((rejection) => deadLetter(rejection, { consumer: stage.group, clock, topicName })),
          ],
        }
        await previous
        previous = finish(payload, context, each, done)
        // It is awaited later; until then its failure is no unhandled one.
        previous.catch(() => {})
      }
    }
    return previous
  }

  const finish = async (
    payload: EachBatchPayload,
    context: BatchContext,
    each: AssignedPartition,
    { next, messages, sidesNeededFrom }: HandledChunk,
  ): Promise<void> => {
    await publish(payload, context, messages)
    if (!context.isCurrent() || partitions.get(each.partition) !== each) return
    payload.resolveOffset(String(next - 1))
    await commit(payload, each, next, sidesNeededFrom)
    await payload.heartbeat()
  }

  /** A replay runs behind the committed offset, and leaves it alone. */
  const commit = async (
    payload: EachBatchPayload,
    each: AssignedPartition,
    next: number,
    sidesNeededFrom: HandledChunk['sidesNeededFrom'] = new Map(),
  ): Promise<void> => {
    if (next <= each.committed) return
    const { topic, partition } = payload.batch
    const at = (name: string, offset: number, metadata: string | null = null) => ({
      topic: name,
      partitions: [{ partition, offset: String(offset), metadata }],
    })
    // In one request with the input's: a consumer that starts here finds all that the state after this offset needs.
    await payload.commitOffsetsIfNecessary({
      topics: [
        at(topic, next),
        ...[...sidesNeededFrom].map(([name, offset]) => at(topicName(name), offset, SIDE_COMMIT)),
      ],
    })
    each.committed = next
  }

  const prepared = patiently(async () => {
    for (const topic of stage.outputs) {
      await codec.prepareToWrite(topic.name)
      await internals.checkPartitions(topic.name)
    }
  })

  const running = consume({
    kafka,
    clock,
    log,
    groupId,
    topics: [inputName, ...sideTopics.keys()],
    fromBeginning: true,
    assigner: coPartitionedAssigner(),
    onJoin,
    async onBatch(payload, context) {
      await prepared
      const side = sideTopics.get(payload.batch.topic)
      if (side) await onSideBatch(payload, context, side)
      else await onInputBatch(payload, context)
    },
  })
  prepared.catch((error) => running.fail(error))

  return {
    stopped: running.stopped,
    problem: running.problem,
    stalled: running.stalled,
    assigned: running.assigned,
    async stop() {
      stopping.abort()
      await running.stop()
      await producer.close()
    },
  }
}

const isWithin =
  (from: number, end: number) =>
  ({ record }: Rejection): boolean =>
    record.offset >= from && record.offset < end
