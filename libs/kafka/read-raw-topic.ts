import { randomUUID } from 'node:crypto'
import type { KafkaMessage } from 'kafkajs'
import { consume } from './consume.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { fetchOffsets } from './topic-admin.ts'

/**
 * Hands over the messages of a topic as they are, of each partition in order, from the beginning to where it ends now.
 * Commits nothing. Rejects when the broker is away at the start, or with the signal's reason.
 */
export const readRawTopic = async (
  { kafka, admin, clock, log, topicName }: KafkaInternals,
  name: string,
  signal: AbortSignal,
  take: (messages: readonly KafkaMessage[], partition: number) => Promise<void> | void,
): Promise<void> => {
  const topic = topicName(name)
  const extents = await admin.use((client) => fetchOffsets(client, topic))
  /** What is still to be read of each partition that is not empty. */
  const left = new Map(
    extents
      .filter(({ low, high }) => low < high)
      .map(({ partition, low, high }) => [partition, { next: low, end: high }]),
  )
  if (left.size === 0) return
  const done = Promise.withResolvers<void>()
  const abort = (): void => done.reject(signal.reason)
  const consumer = consume({
    kafka,
    clock,
    log,
    groupId: topicName(`read-${randomUUID()}`),
    topics: [topic],
    fromBeginning: true,
    onJoin: (_, joined) => {
      for (const [partition, { next }] of left) joined.seek({ topic, partition, offset: String(next) })
    },
    async onBatch({ batch, resolveOffset }) {
      const { messages, partition } = batch
      const last = messages.at(-1)!.offset
      const extent = left.get(partition)
      if (extent) {
        const fresh = messages.filter(
          ({ offset }) => Number(offset) >= extent.next && Number(offset) < extent.end,
        )
        if (fresh.length > 0) await take(fresh, partition)
        extent.next = Math.max(extent.next, Number(last) + 1)
        if (extent.next >= extent.end) left.delete(partition)
      }
      resolveOffset(last)
      if (left.size === 0) done.resolve()
    },
  })
  consumer.stopped.catch(done.reject)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    await done.promise
  } finally {
    signal.removeEventListener('abort', abort)
    await consumer.stop()
  }
}
