import { type NoteOddity, shown } from './collect-oddities.ts'

/** Bike-share feeds are younger than this: an earlier time is a default value, not a report. */
const EARLIEST_MS = Date.UTC(2008, 0, 1)
/** Seconds reach this in the year 5138, milliseconds reached it in 1973; microseconds and nanoseconds alike. */
const LEAST_MILLISECONDS = 1e11
const LEAST_MICROSECONDS = 1e14
const LEAST_NANOSECONDS = 1e17

const DIGITS = /^\d+(\.\d+)?$/
/** RFC 3339, and its near relatives: a blank for the T, no seconds, +0000, UTC, or no zone at all. */
const CALENDAR =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(?:(Z|UTC|GMT)|([+-]\d\d):?(\d\d)?)?$/i

export interface MomentContext {
  field: string
  /** Of the document's version: epoch seconds up to 2, RFC 3339 from 3. */
  major: 1 | 2 | 3
  note: NoteOddity
}

/**
 * A time as epoch milliseconds: epoch seconds (1.x, 2.x) or RFC 3339 (3.x), and what is met besides. Null where absent or
 * unreadable, and where it lies before there were such feeds.
 */
export const readMoment = (value: unknown, context: MomentContext): number | null => {
  const moment = toMilliseconds(value, context)
  return Number.isFinite(moment) && moment >= EARLIEST_MS ? moment : null
}

const toMilliseconds = (value: unknown, context: MomentContext): number => {
  const { field, major, note } = context
  if (typeof value === 'bigint') return scaled(Number(value), context)
  if (typeof value === 'number') {
    const moment = scaled(value, context)
    if (major === 3 && moment >= EARLIEST_MS) note('time-of-another-version', `${field} is ${value}`)
    return moment
  }
  if (typeof value !== 'string') return Number.NaN
  const text = value.trim()
  if (DIGITS.test(text)) {
    note('time-as-text', `${field} is ${shown(value)}`)
    return scaled(Number(text), context)
  }
  const moment = fromCalendar(text, context)
  if (major < 3 && moment >= EARLIEST_MS) note('time-of-another-version', `${field} is ${shown(value)}`)
  return moment
}

const fromCalendar = (text: string, { field, note }: MomentContext): number => {
  const [, date, time, utc, hours, minutes = '00'] = CALENDAR.exec(text) ?? []
  if (date === undefined) return Number.NaN
  // Without a zone Date.parse would take the one of this machine.
  if (utc === undefined && hours === undefined) note('time-without-zone', `${field} is ${shown(text)}`)
  return Date.parse(`${date}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`)
}

const scaled = (value: number, { field, note }: MomentContext): number => {
  if (value < LEAST_MILLISECONDS) return Math.round(value * 1000)
  note('time-in-milliseconds', `${field} is ${value}`)
  if (value < LEAST_MICROSECONDS) return Math.round(value)
  return Math.round(value / (value < LEAST_NANOSECONDS ? 1e3 : 1e6))
}
