/** Open-Meteo about the past: what the weather was, and what it was forecast to be. */
import type { WeatherLocation } from '@velocast/runtime'
import type { NoteOddity } from '../gbfs/collect-oddities.ts'
import type { JsonObject } from '../gbfs/read-envelope.ts'
import type { RequestJson } from '../http/request-json.ts'
import { type FeedReading, readFeed } from '../read-feed.ts'
import { conditionOfWmoCode } from './name-condition.ts'
import {
  blockOf,
  listOf,
  MOMENT_VARIABLES,
  type OpenMeteoBlock,
  openMeteoAddress,
  readPart,
  requireObjects,
} from './open-meteo-answer.ts'
import type { Quantity } from './read-quantity.ts'
import type { WeatherAhead, WeatherNow } from './weather-provider.ts'

export interface PastWindow {
  /** Epoch milliseconds, both included. */
  from: number
  to: number
  now: number
  note: NoteOddity
}

export interface PastReader<T> {
  provider: string
  /** Every hour of the window that it has, oldest first; one reading a location. */
  read: (
    request: RequestJson,
    locations: readonly WeatherLocation[],
    window: PastWindow,
  ) => Promise<FeedReading<T[]>[]>
}

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS
/** How far back the services of the present go. */
export const PAST_DAYS = 92
const HORIZON_DAYS = 7

/** Observed weather: of the last months from the service of the present, of what is older from the archive. */
export const openMeteoObserved = (address?: string): PastReader<WeatherNow> => ({
  provider: 'open-meteo',
  read: async (request, locations, window) => {
    const variables = { hourly: MOMENT_VARIABLES.join(',') }
    const asked = isRecent(window)
      ? openMeteoAddress(address ?? 'https://api.open-meteo.com', '/v1/forecast', locations, {
          ...variables,
          past_days: String(daysBack(window)),
          forecast_days: '1',
        })
      : openMeteoAddress(address ?? 'https://archive-api.open-meteo.com', '/v1/archive', locations, {
          ...variables,
          start_date: dateOf(window.from),
          end_date: dateOf(window.to),
        })
    const answer = await readFeed(request, asked, { at: window.now }, requireObjects)
    return locations.map((_, index) =>
      readPart(answer, index, (document) => readObservedHours(document, window)),
    )
  },
})

/**
 * Forecasts as they could have been issued each hour: for the first 24 hours ahead the run of a day before the hour that is
 * forecast, for the next the run of two days before, and so on. So none of it was made after the hour of issue, and all of
 * it is up to a day older than what was served live. None for what is longer ago than the runs are kept.
 */
export const openMeteoForecastRuns = (address?: string): PastReader<WeatherAhead> => ({
  provider: 'open-meteo-previous-runs',
  read: async (request, locations, window) => {
    const base = address ?? 'https://previous-runs-api.open-meteo.com'
    const variables = FORECAST_VARIABLES.flatMap(([, field]) =>
      Array.from({ length: HORIZON_DAYS }, (_, day) => runName(field, day + 1)),
    )
    const asked = openMeteoAddress(base, '/v1/forecast', locations, {
      hourly: variables.join(','),
      past_days: String(daysBack(window)),
      forecast_days: String(HORIZON_DAYS + 1),
    })
    const answer = await readFeed(request, asked, { at: window.now }, requireObjects)
    return locations.map((_, index) => readPart(answer, index, (document) => readRuns(document, window)))
  },
})

/** Whether the services of the present still know it. */
export const isRecent = ({ from, now }: Pick<PastWindow, 'from' | 'now'>): boolean =>
  daysBack({ from, now }) <= PAST_DAYS

/** From the midnight (UTC) of today to that before the window. */
const daysBack = ({ from, now }: Pick<PastWindow, 'from' | 'now'>): number =>
  Math.max(0, Math.floor(now / DAY_MS) - Math.floor(from / DAY_MS))

const dateOf = (moment: number): string => new Date(moment).toISOString().slice(0, 10)

const hoursOf = (hourly: OpenMeteoBlock): { at: number; index: number }[] =>
  listOf(hourly.values.time)
    .map((time, index) => ({ at: hourly.momentOf(time), index }))
    .filter(({ at }) => Number.isFinite(at))
    .sort((a, b) => a.at - b.at)

const readObservedHours = (document: JsonObject, { from, to, now, note }: PastWindow): WeatherNow[] => {
  const hourly = blockOf(document, 'hourly', note)
  const codes = listOf(hourly.values.weather_code ?? hourly.values.weathercode)
  return (
    hoursOf(hourly)
      .filter(({ at }) => at >= from && at <= Math.min(to, now))
      .map(({ at, index }) => ({
        observedAt: at,
        temperatureC: hourly.quantity('temperatureC', 'temperature_2m', index),
        feelsLikeC: hourly.quantity('temperatureC', 'apparent_temperature', index),
        humidityPercent: hourly.quantity('humidityPercent', 'relative_humidity_2m', index),
        windSpeedMps: hourly.quantity('windSpeedMps', 'wind_speed_10m', index),
        precipitationMm: hourly.quantity('precipitationMm', 'precipitation', index),
        cloudCoverPercent: hourly.quantity('cloudCoverPercent', 'cloud_cover', index),
        pressureHpa: hourly.quantity('pressureHpa', 'pressure_msl', index),
        visibilityM: Number.NaN,
        condition: conditionOfWmoCode(codes[index]),
      }))
      // The archive has the hours of days that it does not know yet, all of them empty.
      .filter(({ temperatureC }) => !Number.isNaN(temperatureC))
  )
}

const FORECAST_VARIABLES = [
  ['temperatureC', 'temperature_2m'],
  ['humidityPercent', 'relative_humidity_2m'],
  ['windSpeedMps', 'wind_speed_10m'],
  ['precipitationMm', 'precipitation'],
] as const satisfies readonly (readonly [Quantity, string])[]

/** The variable as the run of so many days before says it. */
const runName = (field: string, daysBefore: number): string => `${field}_previous_day${daysBefore}`

const readRuns = (document: JsonObject, { from, to, now, note }: PastWindow): WeatherAhead[] => {
  const hourly = blockOf(document, 'hourly', note)
  const hours = hoursOf(hourly)
  // Each value is in up to 24 forecasts: read once, that what is odd in it is noted once.
  const runs = new Map(
    FORECAST_VARIABLES.map(([quantity, field]) => [
      quantity,
      Array.from({ length: HORIZON_DAYS }, (_, day) =>
        hours.map(({ index }) => hourly.quantity(quantity, runName(field, day + 1), index)),
      ),
    ]),
  )
  const issues = hours.filter(({ at }) => at >= from && at <= Math.min(to, now))
  return issues.map(({ at: issuedAt }): WeatherAhead => {
    const ahead = hours
      .map(({ at: validAt }, position) => ({
        validAt,
        position,
        day: Math.ceil((validAt - issuedAt) / DAY_MS) - 1,
      }))
      .filter(({ day, validAt }) => validAt > issuedAt && day < HORIZON_DAYS)
    const series = (quantity: (typeof FORECAST_VARIABLES)[number][0]): number[] =>
      ahead.map(({ position, day }) => runs.get(quantity)![day]![position]!)
    return {
      issuedAt,
      validAt: ahead.map(({ validAt }) => validAt),
      temperatureC: series('temperatureC'),
      humidityPercent: series('humidityPercent'),
      windSpeedMps: series('windSpeedMps'),
      precipitationMm: series('precipitationMm'),
    }
  })
}
