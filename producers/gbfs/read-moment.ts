import type { NoteOddity } from './oddity.ts'

/** Bike-share feeds are younger than this: an earlier time is a default value, not a report. */
const EARLIEST_MS = Date.UTC(2008, 0, 1)
/** Seconds reach this in the year 5138, milliseconds reached it in 1973. */
const LEAST_MILLISECONDS = 1e11

/**
 * A time as epoch milliseconds: epoch seconds (1.x, 2.x) or RFC 3339 (3.x), and what is met besides: seconds as text,
 * epoch milliseconds. Null where absent or unreadable, and where it lies before there were such feeds.
 */
export const readMoment = (value: unknown, note: NoteOddity): number | null => {
  const moment = toMilliseconds(value, note)
  return Number.isFinite(moment) && moment >= EARLIEST_MS ? moment : null
}

const toMilliseconds = (value: unknown, note: NoteOddity): number => {
  if (typeof value === 'number') return scaled(value, note)
  if (typeof value !== 'string') return Number.NaN
  const text = value.trim()
  if (!/^\d+(\.\d+)?$/.test(text)) return Date.parse(text)
  note('time-as-text')
  return scaled(Number(text), note)
}

const scaled = (value: number, note: NoteOddity): number => {
  if (value < LEAST_MILLISECONDS) return Math.round(value * 1000)
  note('time-in-milliseconds')
  return Math.round(value)
}
