/**
 * Reads topics into memory and goes on following them. The group has one member and commits nothing; when it has to join
 * again it goes on where it was, so that a table is read from the beginning only once.
 */
import { randomUUID } from 'node:crypto'
import type { Topic } from '@velocast/schemas'
import type { Consumer } from 'kafkajs'
import { coPartitionedAssigner } from './co-partitioned-assigner.ts'
import { consume, withHeartbeats } from './consume.ts'
import { decodeRecords } from './decode-records.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import { fetchOffsets, fetchOffsetsAt } from './topic-admin.ts'
import type { Follower, FollowOptions } from './types.ts'

interface Position {
  next: number
  /** The end when following began: what is before it is what was there. */
  startEnd: number
  end: number
}

export const followTopics = (internals: KafkaInternals, options: FollowOptions): Follower => {
  const { kafka, codec, admin, clock, log, topicName, partitionOf } = internals
  const topics = new Map(options.topics.map((topic) => [topicName(topic.name), topic]))
  const only = options.systemIds
    ? new Set(options.systemIds.map((systemId) => partitionOf(systemId)))
    : undefined
  const positions = new Map<string, Position>()
  const caughtUp = Promise.withResolvers<void>()
  const stopping = new AbortController()

  const checkCaughtUp = (): void => {
    if ([...positions.values()].every((position) => position.next >= position.startEnd)) caughtUp.resolve()
  }

  const findStart = async (name: string, topic: Topic<never>): Promise<void> => {
    const offsets = await admin.use((client) => fetchOffsets(client, name))
    const from =
      typeof options.from === 'object'
        ? await admin.use((client) => fetchOffsetsAt(client, name, (options.from as { atMs: number }).atMs))
        : null
    for (const { partition, low, high } of offsets) {
      if (only && !only.has(partition)) continue
      const next = options.from === 'end' ? high : Math.max(low, from?.get(partition) ?? low)
      positions.set(`${topic.name}/${partition}`, { next, startEnd: high, end: high })
    }
  }

  const seekAll = (assigned: ReadonlyMap<string, readonly number[]>, consumer: Consumer): void => {
    for (const [name, partitions] of assigned)
      for (const partition of partitions) {
        const position = positions.get(`${topics.get(name)!.name}/${partition}`)
        if (position) consumer.seek({ topic: name, partition, offset: String(position.next) })
      }
  }

  const begin = async (): Promise<ReturnType<typeof consume>> => {
    await retryUntilAvailable(
      async () => {
        for (const [name, topic] of topics) await findStart(name, topic)
      },
      { signal: stopping.signal, onWait: (error) => log.warn({ detail: error.message }, 'waiting') },
    )
    checkCaughtUp()
    return consume({
      kafka,
      clock,
      log,
      groupId: topicName(`follow-${randomUUID()}`),
      topics: [...topics.keys()],
      fromBeginning: true,
      assigner: coPartitionedAssigner(only),
      onJoin: seekAll,
      async onBatch(payload, context) {
        const { partition, messages, highWatermark } = payload.batch
        const topic = topics.get(payload.batch.topic)!
        const position = positions.get(`${topic.name}/${partition}`)
        // What a batch holds of records that were handed over before a rejoin is passed over.
        const fresh = messages.filter((message) => Number(message.offset) >= (position?.next ?? 0))
        const { records, rejections } = await withHeartbeats(payload, () =>
          retryUntilAvailable(() => decodeRecords(codec, topic, partition, fresh), {
            signal: stopping.signal,
            onWait: (error) => context.waitFor(error.message),
          }),
        )
        context.waitFor(null)
        for (const { record, detail } of rejections)
          log.warn({ topic: topic.name, partition, offset: record.offset, detail }, 'record passed over')
        if (!context.isCurrent()) return
        const last = messages.at(-1)!.offset
        // Whoever takes his time must not be missed by the group. What was handed over is noted before a heartbeat's own
        // trouble is told: after it, the group is joined anew, and goes on from here.
        await withHeartbeats(payload, async () => {
          if (records.length > 0) await options.onRecords(records)
          if (!position) return
          position.next = Math.max(position.next, Number(last) + 1)
          position.end = Math.max(position.end, Number(highWatermark))
          checkCaughtUp()
        })
        payload.resolveOffset(last)
      },
    })
  }

  const consumer = begin()
  consumer.catch(() => {})
  let running: Awaited<typeof consumer> | null = null
  const stopped = consumer.then(
    (begun) => {
      running = begun
      return begun.stopped
    },
    (error) => {
      if (!stopping.signal.aborted) throw error
    },
  )

  return {
    caughtUp: caughtUp.promise,
    stopped,
    problem: () => (running ? running.problem() : 'Kafka has not answered yet'),
    stalled: () => running?.stalled() ?? null,
    lag: () => [...positions.values()].reduce((sum, { next, end }) => sum + Math.max(0, end - next), 0),
    async stop() {
      stopping.abort()
      const begun = await consumer.catch(() => null)
      await begun?.stop()
    },
  }
}
