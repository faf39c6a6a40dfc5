import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'

/**
 * Asks for a fact until it is there, and resolves with it: false, null and undefined mean "not yet", and so does a
 * rejection. Fails after `withinMs` with what was wanted and what was seen last.
 */
export const waitFor = async <T>(
  fact: () => T | Promise<T>,
  { withinMs, what, everyMs = 25 }: { withinMs: number; what: string; everyMs?: number },
): Promise<Exclude<T, false | null | undefined>> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    let seen: unknown
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
    await delay(everyMs)
  }
}
