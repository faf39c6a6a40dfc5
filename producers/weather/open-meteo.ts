/** Open-Meteo: one request brings the weather now and the forecast of many places, without a key. */
import { FeedError } from '../feed-error.ts'
import type { NoteOddity } from '../gbfs/collect-oddities.ts'
import { isObject, type JsonObject } from '../gbfs/read-envelope.ts'
import { readFeed } from '../read-feed.ts'
import { conditionOfWmoCode } from './name-condition.ts'
import {
  blockOf,
  listOf,
  MOMENT_VARIABLES,
  openMeteoAddress,
  readPart,
  requireObjects,
} from './open-meteo-answer.ts'
import type { Quantity } from './read-quantity.ts'
import {
  hourOf,
  isKept,
  type ReadWeatherOptions,
  type WeatherAhead,
  type WeatherNow,
  type WeatherProvider,
} from './weather-provider.ts'

const ignore: NoteOddity = () => {}

const PUBLIC_ADDRESS = 'https://api.open-meteo.com'
const NAME = 'open-meteo'

const HOURLY = ['temperature_2m', 'relative_humidity_2m', 'precipitation', 'wind_speed_10m']

export const openMeteo = (address: string = PUBLIC_ADDRESS): WeatherProvider => ({
  name: NAME,
  feeds: { observation: `${NAME}/current`, forecast: `${NAME}/hourly` },
  read: async (request, locations, options) => {
    const answer = await readFeed(
      request,
      openMeteoAddress(address, '/v1/forecast', locations, {
        current: MOMENT_VARIABLES.join(','),
        hourly: HOURLY.join(','),
        // Days are counted from midnight: the eighth completes the seventh time 24 hours.
        forecast_days: '8',
      }),
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
