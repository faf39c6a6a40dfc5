import type { LocalTime } from '../local-time.ts'

const DAY_MS = 86_400_000
export const WEEK_MS = 7 * DAY_MS

export interface WindowOptions {
  /** First and last moment of the recording. */
  startsAt: number
  endsAt: number
  now: number
  /** Days of the recording that are to lie before now. */
  historyDays: number
  /** The recorded moment up to which the recording is history at `now`, to within the week before it. */
  windowEnd?: number
}

/**
 * How many weeks the recording is moved. Without a window's end: so that there is the history asked for and as much
 * as can be is left to play on. A recording too short for that is moved so that its last week ends about now.
 */
export const weeksToMove = ({ startsAt, endsAt, now, historyDays, windowEnd }: WindowOptions): number => {
  const historyEndsAt = startsAt + historyDays * DAY_MS
  if (windowEnd === undefined && historyEndsAt + WEEK_MS <= endsAt)
    return Math.floor((now - historyEndsAt) / WEEK_MS)
  const weeks = Math.ceil((now - Math.min(endsAt, windowEnd ?? endsAt)) / WEEK_MS)
  // Shorter than a week, and none of it before now: better all of it past, and standing still.
  return now - weeks * WEEK_MS < startsAt ? weeks - 1 : weeks
}

/**
 * Moves a recorded moment by whole weeks of the zone's own clock: what was recorded on a Monday at 8:00 is played on
 * a Monday at 8:00, though one was in summer time and the other is not.
 */
export const moveByWeeks =
  (weeks: number, localTime: LocalTime) =>
  (recordedAt: number): number => {
    const local = recordedAt + localTime.offsetMs(recordedAt) + weeks * WEEK_MS
    const guess = local - localTime.offsetMs(recordedAt + weeks * WEEK_MS)
    return local - localTime.offsetMs(guess)
  }

/** Where summer time ends, an hour is played twice: of that hour only what moves the clock forward is kept. */
export const keepInOrder = <T extends { playedAt: number }>(snapshots: readonly T[]): T[] => {
  let latest = Number.NEGATIVE_INFINITY
  return snapshots.filter(({ playedAt }) => {
    if (playedAt <= latest) return false
    latest = playedAt
    return true
  })
}
