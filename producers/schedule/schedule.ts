/**
 * What is due, from the clock alone: cron only wakes a job, so a wake-up that was missed, doubled or late does no harm.
 */
import { type CronExpression, matchesDate, matchesTime } from './cron-expression.ts'
import { wallClock } from './wall-clock.ts'

export interface DueMoment {
  /** Epoch milliseconds. */
  dueAt: number
  /** The date in the schedule's zone, YYYY-MM-DD. */
  localDate: string
}

export interface Schedule {
  /** The newest due moment that is not after `now`; null where there is none within a year. */
  lastDue: (now: number) => DueMoment | null
}

const MINUTE_MS = 60_000
const LOOK_BACK_MINUTES = 366 * 24 * 60

/**
 * The moments at which a clock on the wall shows what the expression says. What clocks leap over in spring is due at
 * the leap; what they show twice in autumn is due twice.
 */
export const cronSchedule = (expression: CronExpression, timeZone: string): Schedule => {
  const clock = wallClock(timeZone)
  // Between two wake-ups only the minutes since the last one are looked at.
  let scanned: { to: number; due: DueMoment | null } | null = null
  return {
    lastDue: (now) => {
      const latest = Math.floor(now / MINUTE_MS)
      const isContinued = scanned !== null && scanned.to <= latest
      const earliest = isContinued ? scanned!.to : latest - LOOK_BACK_MINUTES
      const found = newestDue(expression, clock, earliest, latest)
      scanned = { to: latest, due: found ?? (isContinued ? scanned!.due : null) }
      return scanned.due
    },
  }
}

/** Every so many milliseconds, counted from the epoch. */
export const intervalSchedule = (everyMs: number): Schedule => ({
  lastDue: (now) => {
    const dueAt = Math.floor(now / everyMs) * everyMs
    return { dueAt, localDate: new Date(dueAt).toISOString().slice(0, 10) }
  },
})

const newestDue = (
  expression: CronExpression,
  localMinuteAt: (minute: number) => number,
  earliest: number,
  latest: number,
): DueMoment | null => {
  for (let minute = latest; minute > earliest; minute -= 1) {
    const shown = localMinuteAt(minute)
    const shownBefore = Math.min(localMinuteAt(minute - 1), shown - 1)
    for (let local = shown; local > shownBefore; local -= 1) {
      const date = new Date(local * MINUTE_MS)
      if (matchesTime(expression, date) && matchesDate(expression, date))
        return { dueAt: minute * MINUTE_MS, localDate: date.toISOString().slice(0, 10) }
    }
  }
  return null
}
