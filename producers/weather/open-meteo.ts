/** Open-Meteo: one request brings the weather now and the forecast of many places, without a key. */
import type { WeatherLocation } from '@velocast/runtime'
import { FeedError } from '../feed-error.ts'
import type { NoteOddity } from '../gbfs/collect-oddities.ts'
import { isObject, type JsonObject } from '../gbfs/read-envelope.ts'
import { type FeedReading, readFeed } from '../read-feed.ts'
import { conditionOfWmoCode } from './name-condition.ts'
import { type Quantity, readQuantity } from './read-quantity.ts'
import {
  hourOf,
  isKept,
  type ReadWeatherOptions,
  type WeatherAhead,
  type WeatherNow,
  type WeatherProvider,
} from './weather-provider.ts'

const PUBLIC_ADDRESS = 'https://api.open-meteo.com'
const NAME = 'open-meteo'

const CURRENT = [
  'temperature_2m',
  'apparent_temperature',
  'relative_humidity_2m',
  'precipitation',
  'weather_code',
  'cloud_cover',
  'pressure_msl',
  'wind_speed_10m',
]
const HOURLY = ['temperature_2m', 'relative_humidity_2m', 'precipitation', 'wind_speed_10m']

export const openMeteo = (address: string = PUBLIC_ADDRESS): WeatherProvider => ({
  name: NAME,
  feeds: { observation: `${NAME}/current`, forecast: `${NAME}/hourly` },
  read: async (request, locations, options) => {
    const answer = await readFeed(
      request,
      forecastAddress(address, locations),
      { at: options.polledAt },
      requireObjects,
    )
    return {
      observations: locations.map((_, index) =>
        readPart(answer, index, (document) => readOpenMeteoNow(document, options)),
      ),
      forecasts: locations.map((_, index) =>
        readPart(answer, index, (document) => readOpenMeteoAhead(document, options)),
      ),
    }
  },
})

const forecastAddress = (base: string, locations: readonly WeatherLocation[]): string => {
  const url = new URL('/v1/forecast', base)
  url.search = new URLSearchParams({
    latitude: locations.map(({ latitude }) => latitude).join(','),
    longitude: locations.map(({ longitude }) => longitude).join(','),
    current: CURRENT.join(','),
    hourly: HOURLY.join(','),
    // Days are counted from midnight: the eighth completes the seventh time 24 hours.
    forecast_days: '8',
    wind_speed_unit: 'ms',
    timeformat: 'unixtime',
    timezone: 'UTC',
  }).toString()
  return url.href
}

/** What the answer says of one of the places: each of its readings may fail for itself. */
const readPart = <T>(
  answer: FeedReading<readonly unknown[]>,
  index: number,
  read: (document: JsonObject) => T,
): FeedReading<T> => {
  if (answer.kind !== 'read') return answer
  try {
    const document = answer.reading[index]
    if (!isObject(document))
      throw new FeedError('not-as-specified', "Open-Meteo's answer leaves out a place that was asked for")
    return { ...answer, reading: read(document) }
  } catch (error) {
    if (error instanceof FeedError) return { kind: 'failed', error, latencyMs: answer.latencyMs }
    throw error
  }
}

/** The answer about several places is a list in their order, the one about a single place is not. */
const requireObjects = (document: unknown): readonly unknown[] => {
  if (Array.isArray(document)) return document
  if (isObject(document)) return [document]
  throw new FeedError('not-as-specified', "Open-Meteo's answer is not an object")
}

/** Throws a FeedError when there is no `current` block with a time. */
export const readOpenMeteoNow = (
  document: JsonObject,
  { polledAt, note = ignore }: ReadWeatherOptions,
): WeatherNow => {
  const now = blockOf(document, 'current', note)
  const time = now.momentOf(now.values.time)
  if (!Number.isFinite(time)) throw new FeedError('not-as-specified', 'Open-Meteo says no time for "current"')
  const observedAt = Math.min(time, polledAt)
  return {
    observedAt,
    temperatureC: now.quantity('temperatureC', 'temperature_2m'),
    feelsLikeC: now.quantity('temperatureC', 'apparent_temperature'),
    humidityPercent: now.quantity('humidityPercent', 'relative_humidity_2m'),
    windSpeedMps: now.quantity('windSpeedMps', 'wind_speed_10m'),
    precipitationMm: precipitationOfLastHour(document, observedAt, note),
    cloudCoverPercent: now.quantity('cloudCoverPercent', 'cloud_cover'),
    pressureHpa: now.quantity('pressureHpa', 'pressure_msl'),
    // Not every model of theirs has it, and a variable that is not there fails the whole request.
    visibilityM: Number.NaN,
    condition: conditionOfWmoCode(now.values.weather_code ?? now.values.weathercode),
  }
}

/**
 * `current.precipitation` is of the last quarter of an hour. The last full hour's is in the hourly series, whose values
 * are of the hour that ends then.
 */
const precipitationOfLastHour = (document: JsonObject, observedAt: number, note: NoteOddity): number => {
  if (!isObject(document.hourly)) return Number.NaN
  const hourly = blockOf(document, 'hourly', note)
  const index = listOf(hourly.values.time).findIndex((time) => hourly.momentOf(time) === hourOf(observedAt))
  return index < 0 ? Number.NaN : hourly.quantity('precipitationMm', 'precipitation', index)
}

/** Throws a FeedError when there is no `hourly` block with times ahead. */
export const readOpenMeteoAhead = (
  document: JsonObject,
  { polledAt, note = ignore }: ReadWeatherOptions,
): WeatherAhead => {
  const hourly = blockOf(document, 'hourly', note)
  const kept = listOf(hourly.values.time)
    .map((time, index) => ({ validAt: hourly.momentOf(time), index }))
    .filter(({ validAt }) => isKept(validAt, polledAt))
    .sort((a, b) => a.validAt - b.validAt)
  if (kept.length === 0) throw new FeedError('not-as-specified', 'Open-Meteo forecasts no hour ahead')
  const series = (quantity: Quantity, field: string): number[] =>
    kept.map(({ index }) => hourly.quantity(quantity, field, index))
  return {
    issuedAt: hourOf(polledAt),
    validAt: kept.map(({ validAt }) => validAt),
    temperatureC: series('temperatureC', 'temperature_2m'),
    humidityPercent: series('humidityPercent', 'relative_humidity_2m'),
    windSpeedMps: series('windSpeedMps', 'wind_speed_10m'),
    precipitationMm: series('precipitationMm', 'precipitation'),
  }
}

/** Names of the API before 2023-12, which mirrors and recordings still use. */
const FORMER_NAMES: Record<string, string> = {
  relative_humidity_2m: 'relativehumidity_2m',
  wind_speed_10m: 'windspeed_10m',
  cloud_cover: 'cloudcover',
}

const ignore: NoteOddity = () => {}

const blockOf = (document: JsonObject, name: 'current' | 'hourly', note: NoteOddity) => {
  const values = document[name]
  if (!isObject(values)) throw new FeedError('not-as-specified', `Open-Meteo's answer has no "${name}"`)
  const units = isObject(document[`${name}_units`]) ? (document[`${name}_units`] as JsonObject) : {}
  const offsetMs = typeof document.utc_offset_seconds === 'number' ? document.utc_offset_seconds * 1000 : 0
  return {
    values,
    /** Epoch seconds, or a local time without offset; epoch milliseconds, NaN where it is neither. */
    momentOf: (time: unknown): number => {
      if (typeof time === 'number') return time * 1000
      return typeof time === 'string' ? Date.parse(`${time}Z`) - offsetMs : Number.NaN
    },
    quantity: (quantity: Quantity, field: string, index?: number): number => {
      const named = field in values ? field : (FORMER_NAMES[field] ?? field)
      const value = index === undefined ? values[named] : listOf(values[named])[index]
      return readQuantity(quantity, value, String(units[named]), note)
    },
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
