const DAY_MS = 24 * 60 * 60 * 1000

/** `never` (null), so many days from now such as `90d`, or a moment as ISO 8601. Throws an Error that says what is wrong. */
export const parseExpiry = (text: string, now: number): number | null => {
  if (text === 'never') return null
  const days = /^(\d{1,5})d$/.exec(text)?.[1]
  const at = days === undefined ? Date.parse(text) : now + Number(days) * DAY_MS
  if (Number.isNaN(at)) throw new Error(`--expires ${text} is neither 90d nor 2027-01-31 nor never`)
  if (at <= now) throw new Error(`--expires ${text} has passed`)
  return at
}
