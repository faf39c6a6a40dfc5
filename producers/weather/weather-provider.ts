import type { WeatherLocation } from '@velocast/runtime'
import type { WeatherForecast, WeatherObservation } from '@velocast/schemas'
import type { NoteOddity } from '../gbfs/collect-oddities.ts'
import type { RequestJson } from '../http/request-json.ts'
import type { FeedReading } from '../read-feed.ts'

/** The weather now, in the units of the schema; NaN where unknown. */
export type WeatherNow = Omit<WeatherObservation, 'systemId' | 'locationId' | 'provider' | 'polledAt'>

/** A forecast as issued, in the units of the schema; NaN where unknown. */
export type WeatherAhead = Omit<WeatherForecast, 'systemId' | 'locationId' | 'provider' | 'polledAt'>

/** One of each for every location that was asked about, in that order. */
export interface WeatherReadings {
  observations: FeedReading<WeatherNow>[]
  forecasts: FeedReading<WeatherAhead>[]
}

export interface WeatherProvider {
  /** Goes into the records. */
  name: string
  /** The names of its two feeds in `feed-polls`. */
  feeds: { observation: string; forecast: string }
  /**
   * Asks for both, of every location, in as few requests as the provider can. Rejects only with errors that are not the
   * provider's. What it says that cannot be true is noted.
   */
  read: (
    request: RequestJson,
    locations: readonly WeatherLocation[],
    options: { polledAt: number; note: NoteOddity },
  ) => Promise<WeatherReadings>
}

export interface ReadWeatherOptions {
  polledAt: number
  /** What cannot be true is unknown, and noted; nobody listens by default. */
  note?: NoteOddity
}

const HOUR_MS = 60 * 60_000

/** How far ahead forecasts are kept: the longest horizon that is forecast, and an hour to interpolate to. */
export const FORECAST_HOURS = 7 * 24 + 1

/** The hour in which it was read. Neither provider says when a forecast was issued; both renew theirs hourly or slower. */
export const hourOf = (moment: number): number => Math.floor(moment / HOUR_MS) * HOUR_MS

/** Whether a forecast's moment is ahead, and not farther than is kept. */
export const isKept = (validAt: number, polledAt: number): boolean =>
  validAt > polledAt && validAt <= polledAt + FORECAST_HOURS * HOUR_MS
