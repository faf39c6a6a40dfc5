import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '@velocast/runtime'

export interface RetryOptions {
  /** Called before each wait, with what was the matter. May throw to give up. */
  onWait?: (error: UnavailableError, attempt: number) => void | Promise<void>
  signal?: AbortSignal | undefined
  firstDelayMs?: number
  longestDelayMs?: number
  /** 0 ≤ random() < 1, for the jitter. */
  random?: () => number
}

/**
 * Does `work` until it does not fail with an UnavailableError: waits between attempts, twice as long each time up to
 * a bound, each wait shortened by a random part so that many do not return at once. Other errors pass through.
 */
export const retryUntilAvailable = async <T>(
  work: () => Promise<T>,
  { onWait, signal, firstDelayMs = 100, longestDelayMs = 3_000, random = Math.random }: RetryOptions = {},
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      signal?.throwIfAborted()
      await onWait?.(error, attempt)
      const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 16))
      await sleep(delayMs * (1 - random() / 2), undefined, signal ? { signal } : {})
    }
  }
}
