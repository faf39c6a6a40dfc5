/** What fails, and when: pure functions of the seed, so that they need no state and agree in any order of asking. */
import { fractionOf } from '../seeded-random.ts'

/** `closed`: in the feed, neither renting nor returning. `missing`: not in the feed at all. */
export type StationOutage = 'closed' | 'missing'

/** `frozen`: the feed repeats its document of `sinceAt`. `down`: it answers 503. */
export interface FeedOutage {
  kind: 'frozen' | 'down'
  sinceAt: number
  untilAt: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const STATION_KEY = 11
const FEED_KEY = 12
const DOCK_KEY = 13

/** One outage of a station in twelve weeks, on average, of one to eleven hours. */
const STATION_BLOCK_MS = 4 * DAY_MS
const STATION_OUTAGE_CHANCE = 1 / 21

export const stationOutageAt = (seed: number, station: number, at: number): StationOutage | null => {
  const block = Math.floor(at / STATION_BLOCK_MS)
  if (fractionOf(seed, STATION_KEY, station, block) >= STATION_OUTAGE_CHANCE) return null
  const durationMs = HOUR_MS * (1 + 10 * fractionOf(seed, STATION_KEY + 100, station, block) ** 2)
  const latestStartMs = STATION_BLOCK_MS - durationMs
  const startAt =
    block * STATION_BLOCK_MS + latestStartMs * fractionOf(seed, STATION_KEY + 200, station, block)
  if (at < startAt || at >= startAt + durationMs) return null
  return fractionOf(seed, STATION_KEY + 300, station, block) < 0.6 ? 'closed' : 'missing'
}

/** One outage of the feed in six days, on average: two in three it freezes for up to an hour, else it is down. */
const FEED_BLOCK_MS = 2 * DAY_MS
const FEED_OUTAGE_CHANCE = 1 / 3

export const feedOutageAt = (seed: number, at: number): FeedOutage | null => {
  const block = Math.floor(at / FEED_BLOCK_MS)
  if (fractionOf(seed, FEED_KEY, block) >= FEED_OUTAGE_CHANCE) return null
  const kind = fractionOf(seed, FEED_KEY, block, 1) < 2 / 3 ? 'frozen' : 'down'
  const longestMinutes = kind === 'frozen' ? 60 : 30
  const durationMs = MINUTE_MS * Math.round(5 + (longestMinutes - 5) * fractionOf(seed, FEED_KEY, block, 2))
  const latestStartMs = FEED_BLOCK_MS - durationMs
  const sinceAt =
    block * FEED_BLOCK_MS +
    Math.floor((latestStartMs * fractionOf(seed, FEED_KEY, block, 3)) / MINUTE_MS) * MINUTE_MS
  const untilAt = sinceAt + durationMs
  return at >= sinceAt && at < untilAt ? { kind, sinceAt, untilAt } : null
}

/** Docks of a station that are out of order, for some days: none at most stations, else one or two. */
export const docksOutOfOrderAt = (seed: number, station: number, at: number): number => {
  const period = Math.floor((at + station * HOUR_MS) / (6 * DAY_MS))
  const chance = fractionOf(seed, DOCK_KEY, station, period)
  return chance < 0.02 ? 2 : chance < 0.08 ? 1 : 0
}
