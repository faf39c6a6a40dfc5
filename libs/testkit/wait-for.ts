import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'

const PAUSE_MS = 25
const LONGEST_PAUSE_MS = 500
/** So many times as long as the answer took. */
const PAUSES_PER_ANSWER = 4

/**
 * Asks for a fact until it is there, and resolves with it: false, null and undefined mean "not yet", and so does a
 * rejection. Fails after `withinMs` with what was wanted and what was seen last. Unless told how often, it asks every 25 ms;
 * less often when an answer takes its time, so that asking does not hold up what is waited for.
 */
export const waitFor = async <T>(
  fact: () => T | Promise<T>,
  { withinMs, what, everyMs }: { withinMs: number; what: string; everyMs?: number },
): Promise<Exclude<T, false | null | undefined>> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    let seen: unknown
    const askedAt = performance.now()
    try {
      const value = await fact()
      if (value !== false && value !== null && value !== undefined)
        return value as Exclude<T, false | null | undefined>
      seen = value
    } catch (error) {
      seen = error
    }
    if (performance.now() >= deadline)
      throw new Error(`Not within ${withinMs} ms: ${what}. Last seen: ${inspect(seen, { depth: 3 })}`)
    await delay(
      everyMs ??
        Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, PAUSES_PER_ANSWER * (performance.now() - askedAt))),
    )
  }
}
