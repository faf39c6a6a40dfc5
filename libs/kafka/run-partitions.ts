/**
 * The runner of stages with state. For each assigned partition:
 *   1. the input is paused, and the side topics (snapshots among them) are read from their beginning to their end; those
 *      of which a stage needs only the recent past, from where it said so when the input's offset was last committed
 *   2. the input is sought to where the state needs it; what lies before the committed offset is replayed in silence
 *   3. for every batch: do the sides hold all that was in their topics when the batch was here? If not, pause, catch
 *      up, come back. Whoever publishes a side record and, once it is acknowledged, an input record, can so be sure
 *      that the one is seen with the other, live, in a back-fill and in a replay
 *   4. decode, handle, publish outputs and dead letters, acknowledged by all replicas
 *   5. resolve and commit the offset
 * Whenever the group is joined anew, all of it is done anew: state that may be ahead of or behind the log is never kept.
 */
import type { Topic } from '@velocast/schemas'
import type { Consumer, EachBatchPayload } from 'kafkajs'
import { coPartitionedAssigner } from './co-partitioned-assigner.ts'
import { type BatchContext, consume, withHeartbeats } from './consume.ts'
import { deadLetter } from './dead-letters.ts'
import { decodeRecords } from './decode-records.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import { fetchCommitted, fetchOffsets } from './topic-admin.ts'
import { createRawProducer, rawMessage } from './topic-producer.ts'
import type { PartitionStage, PartitionTask, RunningStage } from './types.ts'

const MAX_RECORDS = 2_000

interface SidePosition {
  next: number
  /** Where the topic ended when last asked. */
  end: number
}

interface AssignedPartition {
  partition: number
  task: PartitionTask<unknown>
  sides: Map<string, SidePosition>
  /** Where the side topics end has been asked. */
  hasEnds: boolean
  committed: number
  /** The first input offset that the log still has. */
  low: number
  /** The next input offset to be handled; null while the state is being restored. */
  next: number | null
}

export const runPartitions = (internals: KafkaInternals, stage: PartitionStage): RunningStage => {
  const { kafka, codec, admin, clock, log, topicName } = internals
  const groupId = topicName(stage.group)
  const inputName = topicName(stage.input.name)
  const sideTopics = new Map(stage.sides.map((topic) => [topicName(topic.name), topic]))
  const producer = createRawProducer(kafka)
  const stopping = new AbortController()
  let partitions = new Map<number, AssignedPartition>()

  const onJoin = (assigned: ReadonlyMap<string, readonly number[]>, consumer: Consumer): void => {
    const mine = assigned.get(inputName) ?? []
    partitions = new Map(mine.map((partition) => [partition, openPartition(partition)]))
    consumer.pause([{ topic: inputName, partitions: [...mine] }])
    const restored = partitions
    // The ends come last: once they are known, a side batch may start the partition.
    askCommitted(restored)
      .then(() => askEnds([...restored.values()]))
      .then(() => {
        for (const each of restored.values()) startWhenReady(each, consumer)
      })
      .catch((error) => {
        if (!stopping.signal.aborted && partitions === restored) running.fail(error)
      })
  }

  const openPartition = (partition: number): AssignedPartition => ({
    partition,
    task: stage.open(partition),
    sides: new Map([...sideTopics.keys()].map((name) => [name, { next: 0, end: Number.POSITIVE_INFINITY }])),
    hasEnds: false,
    committed: -1,
    low: 0,
    next: null,
  })

  /** Asks where the side topics end now, for all these partitions. */
  const askEnds = async (asked: readonly AssignedPartition[]): Promise<void> => {
    for (const name of sideTopics.keys()) {
      const offsets = await patiently(() => admin.use((client) => fetchOffsets(client, name)))
      const byPartition = new Map(offsets.map((offset) => [offset.partition, offset]))
      for (const each of asked) {
        const side = each.sides.get(name)!
        const { low = 0, high = 0 } = byPartition.get(each.partition) ?? {}
        side.end = high
        side.next = Math.max(side.next, low)
      }
    }
    for (const each of asked) each.hasEnds = true
  }

  const askCommitted = async (asked: ReadonlyMap<number, AssignedPartition>): Promise<void> => {
    const committed = await patiently(() => admin.use((client) => fetchCommitted(client, groupId, inputName)))
    const offsets = await patiently(() => admin.use((client) => fetchOffsets(client, inputName)))
    for (const each of asked.values()) {
      each.committed = committed.get(each.partition) ?? -1
      each.low = offsets.find(({ partition }) => partition === each.partition)?.low ?? 0
    }
    for (const { name } of stage.boundedSides ?? []) {
      const side = topicName(name)
      const needed = await patiently(() => admin.use((client) => fetchCommitted(client, groupId, side)))
      for (const each of asked.values()) {
        const position = each.sides.get(side)!
        position.next = Math.max(position.next, needed.get(each.partition) ?? 0)
      }
    }
  }

  const patiently = <T>(work: () => Promise<T>): Promise<T> =>
    retryUntilAvailable(work, { signal: stopping.signal })

  const isCaughtUp = (each: AssignedPartition): boolean =>
    [...each.sides.values()].every((side) => side.next >= side.end)

  /** Begins or goes on with the input once the sides have reached the ends last asked for. */
  const startWhenReady = (each: AssignedPartition, consumer: Consumer): void => {
    if (partitions.get(each.partition) !== each || !isCaughtUp(each)) return
    if (each.next === null) {
      const publishFrom = Math.max(0, each.committed)
      const from = each.task.restoreFrom(publishFrom)
      each.next = Math.max(each.low, Math.min(from ?? 0, publishFrom))
      log.info(
        { partition: each.partition, committed: each.committed, from: each.next },
        'state restored from snapshots',
      )
    }
    consumer.seek({ topic: inputName, partition: each.partition, offset: String(each.next) })
    consumer.resume([{ topic: inputName, partitions: [each.partition] }])
  }

  const onSideBatch = async (
    payload: EachBatchPayload,
    context: BatchContext,
    // biome-ignore lint/suspicious/noExplicitAny: input and sides are of several types.
    topic: Topic<any>,
  ): Promise<void> => {
    const { partition, messages } = payload.batch
    const each = partitions.get(partition)
    if (!each) return
    const { records, rejections } = await decodePatiently(payload, context, topic)
    if (!context.isCurrent()) return
    const letters = rejections.map((rejection) =>
      deadLetter(rejection, { consumer: stage.group, clock, topicName }),
    )
    if (letters.length > 0)
      log.warn({ topic: topic.name, count: letters.length }, 'records of a side topic passed over')
    for (const record of records) each.task.applySide(record)
    const last = messages.at(-1)!.offset
    payload.resolveOffset(last)
    const side = each.sides.get(payload.batch.topic)!
    const wasCaughtUp = isCaughtUp(each)
    side.next = Number(last) + 1
    if (!wasCaughtUp && each.hasEnds) startWhenReady(each, context.consumer)
  }

  const decodePatiently = (
    payload: EachBatchPayload,
    context: BatchContext,
    // biome-ignore lint/suspicious/noExplicitAny: input and sides are of several types.
    topic: Topic<any>,
    messages = payload.batch.messages,
  ) =>
    withHeartbeats(payload, () =>
      retryUntilAvailable(() => decodeRecords(codec, topic, payload.batch.partition, messages), {
        signal: stopping.signal,
        onWait: (error) => {
          context.waitFor(error.message)
          if (!context.isCurrent()) throw error
        },
      }),
    )

  const onInputBatch = async (payload: EachBatchPayload, context: BatchContext): Promise<void> => {
    const { partition, messages } = payload.batch
    const each = partitions.get(partition)
    if (!each || each.next === null) return
    await askEnds([each])
    if (!isCaughtUp(each)) {
      context.consumer.pause([{ topic: inputName, partitions: [partition] }])
      return
    }
    if (partitions.get(partition) !== each) return
    const chunkSize = stage.maxRecords ?? MAX_RECORDS
    const pending = messages.filter((message) => Number(message.offset) >= each.next!)
    for (let start = 0; start < pending.length && payload.isRunning(); start += chunkSize) {
      const chunk = pending.slice(start, start + chunkSize)
      const { records, rejections } = await decodePatiently(payload, context, stage.input, chunk)
      if (!context.isCurrent() || partitions.get(partition) !== each) return
      const publishFrom = Math.max(0, each.committed)
      const isAtCommitted = each.next === each.committed
      const result = each.task.handle(records, {
        publishFrom,
        snapshotOffset: isAtCommitted ? each.committed - 1 : null,
      })
      // From here on the state is ahead of what is published: if that fails for good, the partition is opened anew.
      each.next = Number(chunk.at(-1)!.offset) + 1
      const refused = [...rejections, ...result.rejections].filter(
        ({ record }) => record.offset >= publishFrom,
      )
      await publish(payload, context, [
        ...result.outputs.map((output) => rawMessage(output, internals)),
        ...refused.map((rejection) => deadLetter(rejection, { consumer: stage.group, clock, topicName })),
      ])
      if (!context.isCurrent() || partitions.get(partition) !== each) return
      payload.resolveOffset(chunk.at(-1)!.offset)
      await commit(payload, each, result.sidesNeededFrom)
      await payload.heartbeat()
    }
    if (pending.length === 0) payload.resolveOffset(messages.at(-1)!.offset)
  }

  /** A replay runs behind the committed offset, and leaves it alone. */
  const commit = async (
    payload: EachBatchPayload,
    each: AssignedPartition,
    sidesNeededFrom: ReadonlyMap<string, number> = new Map(),
  ): Promise<void> => {
    if (each.next === null || each.next <= each.committed) return
    const { topic, partition } = payload.batch
    const at = (name: string, offset: number) => ({
      topic: name,
      partitions: [{ partition, offset: String(offset) }],
    })
    // In one request with the input's: a consumer that starts here finds all that the state after this offset needs.
    await payload.commitOffsetsIfNecessary({
      topics: [
        at(topic, each.next),
        ...[...sidesNeededFrom].map(([name, offset]) => at(topicName(name), offset)),
      ],
    })
    each.committed = each.next
  }

  const publish = async (
    payload: EachBatchPayload,
    context: BatchContext,
    messages: Parameters<typeof producer.send>[0],
  ) => {
    if (messages.length === 0) return
    await withHeartbeats(payload, () =>
      producer.send(messages, {
        signal: stopping.signal,
        onWait: (error) => {
          context.waitFor(error.message)
          if (!context.isCurrent()) throw error
        },
      }),
    ).catch((error) => {
      if (context.isCurrent()) throw error
    })
    context.waitFor(null)
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
