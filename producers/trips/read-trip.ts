import type { LocalMoments } from './local-moments.ts'
import { readWallTime, type WallTime } from './read-wall-time.ts'
import type { TripColumns, TripField } from './trip-columns.ts'

/** A station as a trip names it. */
export interface TripStation {
  id: string
  name: string
  /** NaN where the file says none. Where the bike was, which may be some metres off. */
  latitude: number
  longitude: number
}

export interface Trip {
  /** Epoch milliseconds. */
  startedAt: number
  endedAt: number
  /** Null where it is blank: begun or ended away from stations, or not known. */
  start: TripStation | null
  end: TripStation | null
  isElectric: boolean | null
  /** How the local times were resolved where clocks had been changed. */
  clock: ClockCase | null
}

/**
 * - `twice-resolved`: an hour that comes twice; the duration or the order of start and end told which.
 * - `twice-first`: nothing told; the first one is taken.
 * - `never`: a time that the clocks left out; an hour later is taken, unless the trip would end before it begins.
 */
export type ClockCase = 'twice-resolved' | 'twice-first' | 'never'

/** Why a trip is not counted. */
export type TripRule = 'unreadable' | 'ends-before-it-begins' | 'longer-than-a-day'

/** `electric_bike`, `ebike`; not `electric_scooter`, which Divvy's files have too. */
const ELECTRIC_BIKE = /electric(?!.*scooter)|e-?bike/i
const DAY_MS = 24 * 60 * 60_000
/** Start and end are rounded down to the second, in some files to the minute. */
const ROUNDING_MS = 62_000
/** `0h 7min. 55sec.`, as Capital Bikeshare wrote it at first; in milliseconds later. */
const IN_WORDS = /^(\d+) ?h\D*(\d+) ?m\D*(\d+) ?s/i
const BLANK = new Set(['', 'null', 'nan', 'none', '\\n', 'na'])

/** Reads the rows of a file with these columns. */
export const tripReader = (
  columns: TripColumns,
  momentsOf: (wallMs: number) => LocalMoments,
): ((row: readonly string[]) => Trip | TripRule) => {
  const textIn = (row: readonly string[], field: TripField): string => {
    const text = (row[columns[field]] ?? '').trim()
    return BLANK.has(text.toLowerCase()) ? '' : text
  }
  const numberIn = (row: readonly string[], field: TripField): number => {
    const text = textIn(row, field)
    return text === '' ? Number.NaN : Number(text.replaceAll(',', ''))
  }
  const durationIn = (row: readonly string[]): number => {
    const [, hours, minutes, seconds] = IN_WORDS.exec(textIn(row, 'durationSeconds')) ?? []
    if (hours !== undefined) return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
    return columns.durationMs === -1 ? numberIn(row, 'durationSeconds') * 1000 : numberIn(row, 'durationMs')
  }
  const stationIn = (row: readonly string[], end: 'start' | 'end'): TripStation | null => {
    const name = textIn(row, `${end}Name`)
    // Some months were written by a program that took whole numbers for decimals.
    const id = textIn(row, `${end}Id`).replace(/^(\d+)\.0$/, '$1') || name
    if (id === '') return null
    const latitude = numberIn(row, `${end}Latitude`)
    const longitude = numberIn(row, `${end}Longitude`)
    const isSomewhere = Math.abs(latitude) > 0 && Math.abs(longitude) > 0
    return {
      id,
      name: name || id,
      latitude: isSomewhere ? latitude : Number.NaN,
      longitude: isSomewhere ? longitude : Number.NaN,
    }
  }
  const resolve = ({ ms, isUtc }: WallTime): LocalMoments =>
    isUtc ? { kind: 'once', first: ms, second: ms } : momentsOf(ms)

  return (row) => {
    const startWall = readWallTime(textIn(row, 'startedAt'))
    const endWall = readWallTime(textIn(row, 'endedAt'))
    if (!startWall || !endWall) return 'unreadable'
    const start = resolve(startWall)
    const end = resolve(endWall)
    const { startedAt, endedAt, clock } = chooseMoments(start, end, durationIn(row))
    if (endedAt < startedAt) return 'ends-before-it-begins'
    if (endedAt - startedAt > DAY_MS) return 'longer-than-a-day'
    const type = textIn(row, 'type')
    return {
      startedAt,
      endedAt,
      start: stationIn(row, 'start'),
      end: stationIn(row, 'end'),
      isElectric: type === '' ? null : ELECTRIC_BIKE.test(type),
      clock,
    }
  }
}

const chooseMoments = (
  start: LocalMoments,
  end: LocalMoments,
  durationMs: number,
): { startedAt: number; endedAt: number; clock: ClockCase | null } => {
  if (start.kind === 'once' && end.kind === 'once')
    return { startedAt: start.first, endedAt: end.first, clock: null }
  const choices = [start.first, start.second].flatMap((startedAt) =>
    [end.first, end.second].map((endedAt) => ({ startedAt, endedAt })),
  )
  const inOrder = choices.filter(({ startedAt, endedAt }) => endedAt >= startedAt)
  const asLong = inOrder.filter(
    ({ startedAt, endedAt }) => Math.abs(endedAt - startedAt - durationMs) <= ROUNDING_MS,
  )
  // A duration that fits none is in another unit, or was taken from the clocks.
  const possible = asLong.length > 0 ? asLong : inOrder
  const [first = choices[0]!] = possible
  const isTold = possible.every(
    ({ startedAt, endedAt }) => startedAt === first.startedAt && endedAt === first.endedAt,
  )
  if (start.kind === 'never' || end.kind === 'never') return { ...first, clock: 'never' }
  return { ...first, clock: isTold && possible.length > 0 ? 'twice-resolved' : 'twice-first' }
}
