/** Seconds reach this in the year 5138, milliseconds reached it in 1973. */
const LEAST_MILLISECONDS = 1e11
const HAS_ZONE = /(Z|[+-]\d\d:?\d\d)$/i

/** Epoch seconds, epoch milliseconds (also as text) or a date and time, in UTC where it names no zone: epoch milliseconds, or null. */
export const momentOf = (value: unknown): number | null => {
  if (typeof value === 'number') return fromNumber(value)
  if (typeof value !== 'string' || value === '') return null
  const number = Number(value)
  if (!Number.isNaN(number)) return fromNumber(number)
  const text = value.trim().replace(/\s+UTC$/i, 'Z')
  const at = Date.parse(HAS_ZONE.test(text) ? text : `${text.replace(' ', 'T')}Z`)
  return Number.isNaN(at) ? null : at
}

const fromNumber = (value: number): number | null => {
  if (!Number.isFinite(value)) return null
  return Math.round(value < LEAST_MILLISECONDS ? value * 1000 : value)
}
