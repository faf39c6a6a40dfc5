import type { KafkaClient, ReceivedRecord } from '@velocast/kafka'
import type { Topic } from '@velocast/schemas'

export interface LogRange<T> {
  topic: Topic<T>
  systemId: string
  /** The first record of this moment or later, by the records' own time, is where reading begins; epoch milliseconds. */
  fromMs: number
  signal: AbortSignal
}

/**
 * Hands over a system's records in the log's order, up to where the log ended when it was asked, and a few that have come
 * since. Reading waits for `take`, and ends early when that resolves with `enough`. Commits nothing, in a group of its own.
 */
export const readLog = async <T extends { systemId: string }>(
  kafka: KafkaClient,
  { topic, systemId, fromMs, signal }: LogRange<T>,
  take: (records: readonly ReceivedRecord<T>[]) => Promise<'enough' | 'more'>,
): Promise<void> => {
  const ended = Promise.withResolvers<void>()
  const abort = (): void => ended.reject(signal.reason)
  let isEnough = false
  const follower = await kafka.follow({
    topics: [topic],
    from: { atMs: fromMs },
    systemIds: [systemId],
    async onRecords(records) {
      if (isEnough || signal.aborted) return
      const own = records.filter(({ value }) => value.systemId === systemId)
      try {
        if (own.length === 0 || (await take(own)) === 'more') return
        isEnough = true
        ended.resolve()
      } catch (error) {
        isEnough = true
        ended.reject(error)
      }
    },
  })
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  follower.caughtUp.then(ended.resolve, ended.reject)
  follower.stopped.catch(ended.reject)
  try {
    await ended.promise
    isEnough = true
  } finally {
    signal.removeEventListener('abort', abort)
    await follower.stop()
  }
}
