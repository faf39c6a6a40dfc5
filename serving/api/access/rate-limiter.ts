/**
 * Counts each caller's requests of the last minute, one by one: never is more than the limit let through in any 60
 * seconds, also not around the turn of a minute. It knows what this process has seen, and nothing of other replicas.
 */
export interface Quota {
  readonly isAllowed: boolean
  readonly limit: number
  readonly remaining: number
  /** Whole seconds until the next request is let through, or, while some remain, until the oldest counts no more. */
  readonly resetSeconds: number
}

export interface RateLimiter {
  /** Counts a request, unless it is one too many. */
  readonly take: (caller: string, limit: number) => Quota
  /** Callers that are remembered. */
  readonly size: () => number
}

export interface RateLimiterOptions {
  /** Milliseconds of a clock that never goes back. */
  now: () => number
  windowMs?: number
  /** Beyond it, those who have not asked for longest are forgotten. */
  callersAtMost?: number
}

export const createRateLimiter = (options: RateLimiterOptions): RateLimiter => {
  const { now, windowMs = 60_000, callersAtMost = 100_000 } = options
  /** When each caller's counted requests came, oldest first; those who asked last are at the map's end. */
  const seen = new Map<string, number[]>()

  const forget = (since: number): void => {
    for (const [caller, times] of seen) {
      if (seen.size <= callersAtMost && times.at(-1)! > since) return
      seen.delete(caller)
    }
  }

  return {
    take: (caller, limit) => {
      const at = now()
      const since = at - windowMs
      const times = seen.get(caller) ?? []
      const firstCounted = times.findIndex((time) => time > since)
      times.splice(0, firstCounted === -1 ? times.length : firstCounted)
      const isAllowed = times.length < limit
      if (isAllowed) times.push(at)
      if (times.length > 0) {
        seen.delete(caller)
        seen.set(caller, times)
      }
      forget(since)
      return {
        isAllowed,
        limit,
        remaining: Math.max(0, limit - times.length),
        resetSeconds: Math.max(1, Math.ceil(((times[0] ?? at) + windowMs - at) / 1000)),
      }
    },
    size: () => seen.size,
  }
}
