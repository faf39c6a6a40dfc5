/** Requests a minute by tier; 0: as many as they like. */
export type Tiers = ReadonlyMap<string, number>

/** Of those who say nothing, and of those whose tier is not configured. */
export const FREE_TIER = 'free'

/** `free=10,standard=600`. Throws an Error that says what is wrong. */
export const parseTiers = (text: string): Tiers => {
  const tiers = new Map(
    text.split(',').map((part) => {
      const [, name, limit] = /^\s*([a-z][a-z0-9-]*)\s*=\s*(\d{1,6})\s*$/.exec(part) ?? []
      if (name === undefined || limit === undefined)
        throw new Error(`"${part.trim()}" is not NAME=REQUESTS, such as free=10`)
      return [name, Number(limit)] as const
    }),
  )
  if (!tiers.has(FREE_TIER)) throw new Error(`there must be a tier "${FREE_TIER}"`)
  return tiers
}

/** What one of `replicas` lets through a minute: together they never let through more, unless there are more of them than that. */
export const shareOf = (tiers: Tiers, tier: string, replicas: number): number => {
  const limit = tiers.get(tier) ?? tiers.get(FREE_TIER)!
  return limit === 0 ? 0 : Math.max(1, Math.floor(limit / replicas))
}
