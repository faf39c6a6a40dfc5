import type { FollowOptions, KafkaClient } from './types.ts'

/**
 * Reads the topics as they are now, and stops. Waits for as long as the broker is away, unless the signal aborts; rejects with
 * its reason then, and with what a handler threw.
 */
export const readToTheEnd = async (
  kafka: Pick<KafkaClient, 'follow'>,
  options: FollowOptions,
  signal?: AbortSignal,
): Promise<void> => {
  const follower = await kafka.follow(options)
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  aborted.promise.catch(() => {})
  try {
    await Promise.race([follower.caughtUp, follower.stopped, aborted.promise])
  } finally {
    signal?.removeEventListener('abort', abort)
    await follower.stop()
  }
}
