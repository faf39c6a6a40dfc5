import { wallClock } from '../schedule/wall-clock.ts'

/**
 * What a time on the wall is, in UTC.
 * - `once`: one moment, as nearly always.
 * - `twice`: the hour that comes twice when clocks are put back: two moments, the earlier one first.
 * - `never`: the hour that is left out when clocks are put forward: first the moment at which a clock that was not put forward
 *   shows it, an hour after the leap; second that of a clock which was put forward too early.
 */
export interface LocalMoments {
  kind: 'once' | 'twice' | 'never'
  first: number
  second: number
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Resolves times of one zone's clocks, given as the epoch milliseconds at which a clock in Greenwich shows the same. */
export const localMoments = (timeZone: string): ((wallMs: number) => LocalMoments) => {
  const clock = wallClock(timeZone)
  const offsetAt = (at: number): number => {
    const minutes = Math.floor(at / MINUTE_MS)
    return (clock(minutes) - minutes) * MINUTE_MS
  }
  const days = new Map<number, { before: number; after: number }>()
  const offsetsAround = (wallMs: number): { before: number; after: number } => {
    const day = Math.floor(wallMs / DAY_MS)
    const known = days.get(day)
    if (known) return known
    // Zones change their clocks months apart: with a day on either side there is at most one change between.
    const offsets = { before: offsetAt((day - 1) * DAY_MS), after: offsetAt((day + 2) * DAY_MS) }
    days.set(day, offsets)
    return offsets
  }
  return (wallMs) => {
    const { before, after } = offsetsAround(wallMs)
    const first = wallMs - before
    const second = wallMs - after
    if (before === after) return { kind: 'once', first, second: first }
    const isFirst = offsetAt(first) === before
    const isSecond = offsetAt(second) === after
    if (isFirst && isSecond) return { kind: 'twice', first, second }
    if (!isFirst && !isSecond) return { kind: 'never', first, second }
    const only = isFirst ? first : second
    return { kind: 'once', first: only, second: only }
  }
}
