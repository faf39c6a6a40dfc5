import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'

const PAUSE_MS = 25
const LONGEST_PAUSE_MS = 500
/** So many times as long as the answer took. */
const PAUSES_PER_ANSWER = 4
/** No promise, but the end of hope: many times what anything takes on a machine that has other work, too. */
const COMES_WITHIN_MS = 180_000
const LINES_TOLD = 25

export interface WaitForOptions {
  /** What is waited for, in words. */
  what: string
  /** Only where it is promised to come so soon. */
  withinMs?: number
  everyMs?: number
  /** What those have said who should bring it about: the last lines are told with the failure. */
  lines?: () => readonly string[]
}

/**
 * Asks for a fact until it is there, and resolves with it: false, null and undefined mean "not yet", and so does a
 * rejection. Fails after `withinMs`, or three minutes, with what was wanted and what was seen last. Unless told how often, it
 * asks every 25 ms; less often when an answer takes its time, so that asking does not hold up what is waited for.
 */
export const waitFor = async <T>(
  fact: () => T | Promise<T>,
  { what, withinMs = COMES_WITHIN_MS, everyMs, lines }: WaitForOptions,
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
      throw new Error(
        [
          `Not within ${withinMs} ms: ${what}. Last seen: ${inspect(seen, { depth: 3 })}`,
          ...(lines?.().slice(-LINES_TOLD) ?? []),
        ].join('\n'),
      )
    await delay(
      everyMs ??
        Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, PAUSES_PER_ANSWER * (performance.now() - askedAt))),
    )
  }
}
