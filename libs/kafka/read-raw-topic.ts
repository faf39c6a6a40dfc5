import { randomUUID } from 'node:crypto'
import type { KafkaMessage } from 'kafkajs'
import { consume } from './consume.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { fetchOffsets } from './topic-admin.ts'

/**
 * Hands over the messages of a topic of one partition as they are, from its beginning to where it ends now. Commits
 * nothing. Rejects when the broker is away at the start, or with the signal's reason.
 */
export const readRawTopic = async (
  { kafka, admin, clock, log, topicName }: KafkaInternals,
  name: string,
  signal: AbortSignal,
  take: (messages: readonly KafkaMessage[]) => Promise<void> | void,
): Promise<void> => {
  const topic = topicName(name)
  const [extent] = await admin.use((client) => fetchOffsets(client, topic))
  if (!extent || extent.low >= extent.high) return
  let next = extent.low
  const done = Promise.withResolvers<void>()
  const abort = (): void => done.reject(signal.reason)
  const consumer = consume({
    kafka,
    clock,
    log,
    groupId: topicName(`read-${randomUUID()}`),
    topics: [topic],
    fromBeginning: true,
    onJoin: (_, joined) => joined.seek({ topic, partition: 0, offset: String(next) }),
    async onBatch({ batch, resolveOffset }) {
      const fresh = batch.messages.filter(
        ({ offset }) => Number(offset) >= next && Number(offset) < extent.high,
      )
      if (fresh.length > 0) await take(fresh)
      const last = batch.messages.at(-1)!.offset
      resolveOffset(last)
      next = Math.max(next, Number(last) + 1)
      if (next >= extent.high) done.resolve()
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
