import Holidays from 'date-holidays'
import { dayMs, minuteMs } from './slots.ts'

/** A moment as the clocks of the system's city show it. */
export interface LocalTime {
  /** Whole minutes since local midnight, 0–1439. */
  readonly minuteOfDay: number
  /** Monday is 0. */
  readonly weekday: number
  readonly isWeekend: boolean
  /** 1 or 0; NaN when no country is given: nothing is known of its holidays. As are the two that follow. */
  readonly isHoliday: number
  readonly isHolidayEve: number
  /** A public holiday, or one of the schools. */
  readonly isSchoolFree: number
}

export interface Calendar {
  readonly at: (moment: number) => LocalTime
  /** How far local time is ahead of UTC, milliseconds. */
  readonly offsetAt: (moment: number) => number
}

export interface CalendarOptions {
  /** IANA name, such as `Europe/Oslo`. */
  readonly timeZone: string
  /** ISO 3166-1 alpha-2, such as `NO`; null when it is not known. */
  readonly country: string | null
  /** ISO 3166-2 without the country, such as `CA` for California. */
  readonly region?: string | null | undefined
}

/** By the place: days that were looked up once, in milliseconds, are known to all who go by the same calendar. */
const known = new Map<string, Calendar>()

/**
 * Local time and public holidays. Daylight saving is exact to the millisecond; a call costs some 50 ns, for the zone is
 * asked and the holidays are looked up once a day. Throws when the zone, country or region does not exist.
 */
export const createCalendar = (options: CalendarOptions): Calendar => {
  const place = JSON.stringify([options.timeZone, options.country, options.region ?? null])
  const calendar = known.get(place) ?? openCalendar(options)
  known.set(place, calendar)
  return calendar
}

const openCalendar = (options: CalendarOptions): Calendar => {
  const offsetAt = createZoneOffset(options.timeZone)
  const holidays = createHolidays(options)
  const describeDay = (day: number): Omit<LocalTime, 'minuteOfDay'> => {
    // 1970-01-01 was a Thursday.
    const weekday = (((day + 3) % 7) + 7) % 7
    return {
      weekday,
      isWeekend: weekday >= 5,
      isHoliday: holidays.isPublic(day),
      isHolidayEve: holidays.isPublic(day + 1),
      isSchoolFree: holidays.isSchoolFree(day),
    }
  }
  const days = new Map<number, Omit<LocalTime, 'minuteOfDay'>>()
  const dayOf = (day: number): Omit<LocalTime, 'minuteOfDay'> => {
    const known = days.get(day)
    if (known) return known
    const described = describeDay(day)
    days.set(day, described)
    return described
  }
  return {
    at: (moment) => {
      const local = moment + offsetAt(moment)
      const day = Math.floor(local / dayMs)
      const { weekday, isWeekend, isHoliday, isHolidayEve, isSchoolFree } = dayOf(day)
      return {
        minuteOfDay: Math.floor((local - day * dayMs) / minuteMs),
        weekday,
        isWeekend,
        isHoliday,
        isHolidayEve,
        isSchoolFree,
      }
    },
    offsetAt,
  }
}

/** Local minus UTC, milliseconds. Within a UTC day a zone changes at most once. */
const createZoneOffset = (timeZone: string): ((moment: number) => number) => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const ask = (moment: number): number => {
    const whole = Math.floor(moment / 1000) * 1000
    const part: Record<string, string> = {}
    for (const { type, value } of format.formatToParts(whole)) part[type] = value
    const { year, month, day, hour, minute, second } = part
    return (
      Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) -
      whole
    )
  }
  const findChange = (first: number, end: number, offset: number): number => {
    let low = first
    let high = end
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (ask(middle) === offset) low = middle
      else high = middle
    }
    return high
  }
  const days = new Map<number, { before: number; changesAt: number; after: number }>()
  const dayOf = (day: number) => {
    const known = days.get(day)
    if (known) return known
    const start = day * dayMs
    const before = ask(start)
    const after = ask(start + dayMs)
    const changesAt = before === after ? Number.POSITIVE_INFINITY : findChange(start, start + dayMs, before)
    const found = { before, changesAt, after }
    days.set(day, found)
    return found
  }
  return (moment) => {
    const day = dayOf(Math.floor(moment / dayMs))
    return moment < day.changesAt ? day.before : day.after
  }
}

interface HolidayCalendar {
  /** Of a local day, counted from the epoch: 1, 0, or NaN without a country. */
  readonly isPublic: (day: number) => number
  readonly isSchoolFree: (day: number) => number
}

const createHolidays = ({ country, region }: CalendarOptions): HolidayCalendar => {
  if (country === null) return { isPublic: () => Number.NaN, isSchoolFree: () => Number.NaN }
  if (!(country in new Holidays().getCountries()))
    throw new Error(
      `No holidays are known for the country "${country}": give its ISO 3166-1 code, such as "NO".`,
    )
  if (region && !(region in (new Holidays().getStates(country) ?? {})))
    throw new Error(
      `"${region}" is no region of ${country} with holidays of its own: leave it out, or give its code.`,
    )
  const source = region ? new Holidays(country, region) : new Holidays(country)
  const years = new Map<number, { isPublic: ReadonlySet<number>; isSchoolFree: ReadonlySet<number> }>()
  const yearOf = (day: number) => {
    const year = new Date(day * dayMs).getUTCFullYear()
    const known = years.get(year)
    if (known) return known
    const isPublic = new Set<number>()
    const isSchoolFree = new Set<number>()
    for (const holiday of source.getHolidays(year)) {
      if (holiday.type !== 'public' && holiday.type !== 'school') continue
      const first = Date.parse(`${holiday.date.slice(0, 10)}T00:00:00Z`) / dayMs
      // Rounded, since a day on which the clocks change has 23 or 25 hours.
      const length = Math.max(1, Math.round((holiday.end.getTime() - holiday.start.getTime()) / dayMs))
      for (let day = first; day < first + length; day++) {
        if (holiday.type === 'public') isPublic.add(day)
        isSchoolFree.add(day)
      }
    }
    const found = { isPublic, isSchoolFree }
    years.set(year, found)
    return found
  }
  return {
    isPublic: (day) => Number(yearOf(day).isPublic.has(day)),
    isSchoolFree: (day) => Number(yearOf(day).isSchoolFree.has(day)),
  }
}
