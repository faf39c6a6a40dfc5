/** OpenWeatherMap: the weather now, and 5 days ahead in steps of 3 hours; both need a key. */
import type { WeatherLocation } from '@velocast/runtime'
import { FeedError } from '../feed-error.ts'
import type { NoteOddity } from '../gbfs/collect-oddities.ts'
import { isObject, type JsonObject } from '../gbfs/read-envelope.ts'
import type { ApiKey } from '../http/api-key.ts'
import { keyed } from '../http/key-of-system.ts'
import { type FeedReading, readFeed } from '../read-feed.ts'
import { conditionOfOpenWeatherMapId } from './name-condition.ts'
import { type Quantity, readQuantity } from './read-quantity.ts'
import {
  hourOf,
  isKept,
  type ReadWeatherOptions,
  type WeatherAhead,
  type WeatherNow,
  type WeatherProvider,
} from './weather-provider.ts'

const PUBLIC_ADDRESS = 'https://api.openweathermap.org'
const NAME = 'openweathermap'
const STEP_HOURS = 3

export const openWeatherMap = ({
  apiKey,
  address = PUBLIC_ADDRESS,
}: {
  apiKey: string
  address?: string | undefined
}): WeatherProvider => ({
  name: NAME,
  feeds: { observation: `${NAME}/weather`, forecast: `${NAME}/forecast` },
  read: async (request, locations, options) => {
    const key: ApiKey = { in: 'query', name: 'appid', value: apiKey, hosts: new Set([new URL(address).host]) }
    const ask = keyed(request, key)
    const readAll = <T>(
      route: string,
      read: (document: unknown, options: ReadWeatherOptions) => T,
    ): Promise<FeedReading<T>[]> =>
      Promise.all(
        locations.map((location) =>
          readFeed(ask, addressOf(address, route, location), { at: options.polledAt }, (document) =>
            read(document, options),
          ),
        ),
      )
    const [observations, forecasts] = await Promise.all([
      readAll('weather', readOpenWeatherMapNow),
      readAll('forecast', readOpenWeatherMapAhead),
    ])
    return { observations, forecasts }
  },
})

const addressOf = (base: string, route: string, { latitude, longitude }: WeatherLocation): string => {
  const url = new URL(`/data/2.5/${route}`, base)
  url.search = new URLSearchParams({
    lat: String(latitude),
    lon: String(longitude),
    units: 'metric',
  }).toString()
  return url.href
}

/** Throws a FeedError when it is not an answer of `/data/2.5/weather` in metric units. */
export const readOpenWeatherMapNow = (
  document: unknown,
  { polledAt, note = ignore }: ReadWeatherOptions,
): WeatherNow => {
  if (!isObject(document) || typeof document.dt !== 'number' || !isObject(document.main))
    throw new FeedError('not-as-specified', 'OpenWeatherMap\'s answer has no "dt" or no "main"')
  return {
    observedAt: Math.min(document.dt * 1000, polledAt),
    ...readMain(document, note),
    feelsLikeC: readQuantity('temperatureC', document.main.feels_like, '°C', note),
    // Rain and snow are left out when there is none.
    precipitationMm: fallen(document, '1h', note),
    cloudCoverPercent: quantityIn(document.clouds, 'cloudCoverPercent', 'all', '%', note),
    pressureHpa: readQuantity('pressureHpa', document.main.sea_level ?? document.main.pressure, 'hPa', note),
    visibilityM: readQuantity('visibilityM', document.visibility, 'm', note),
    condition: conditionOfOpenWeatherMapId(firstWeatherId(document)),
  }
}

/** Throws a FeedError when it is not an answer of `/data/2.5/forecast` with times ahead. */
export const readOpenWeatherMapAhead = (
  document: unknown,
  { polledAt, note = ignore }: ReadWeatherOptions,
): WeatherAhead => {
  const list = isObject(document) && Array.isArray(document.list) ? document.list : []
  const kept = list
    .filter((step): step is JsonObject & { dt: number } => isObject(step) && typeof step.dt === 'number')
    .map((step) => ({ validAt: step.dt * 1000, step, main: readMain(step, note) }))
    .filter(({ validAt }) => isKept(validAt, polledAt))
    .sort((a, b) => a.validAt - b.validAt)
  if (kept.length === 0) throw new FeedError('not-as-specified', 'OpenWeatherMap forecasts nothing ahead')
  return {
    issuedAt: hourOf(polledAt),
    validAt: kept.map(({ validAt }) => validAt),
    temperatureC: kept.map(({ main }) => main.temperatureC),
    humidityPercent: kept.map(({ main }) => main.humidityPercent),
    windSpeedMps: kept.map(({ main }) => main.windSpeedMps),
    // What falls in three hours, spread evenly: nothing says in which of them.
    precipitationMm: kept.map(({ step }) => fallen(step, '3h', note) / STEP_HOURS),
  }
}

const ignore: NoteOddity = () => {}

const readMain = (entry: JsonObject, note: NoteOddity) => ({
  temperatureC: quantityIn(entry.main, 'temperatureC', 'temp', '°C', note),
  humidityPercent: quantityIn(entry.main, 'humidityPercent', 'humidity', '%', note),
  windSpeedMps: quantityIn(entry.wind, 'windSpeedMps', 'speed', 'm/s', note),
})

const quantityIn = (
  block: unknown,
  quantity: Quantity,
  field: string,
  unit: string,
  note: NoteOddity,
): number => (isObject(block) ? readQuantity(quantity, block[field], unit, note) : Number.NaN)

const fallen = (entry: JsonObject, period: '1h' | '3h', note: NoteOddity): number =>
  [entry.rain, entry.snow]
    .map((kind) => (isObject(kind) ? quantityIn(kind, 'precipitationMm', period, 'mm', note) : 0))
    .reduce((sum, millimetres) => sum + millimetres, 0)

const firstWeatherId = (document: JsonObject): unknown => {
  const first: unknown = Array.isArray(document.weather) ? document.weather[0] : null
  return isObject(first) ? first.id : null
}
