/** OpenWeatherMap: the weather now, and 5 days ahead in steps of 3 hours; both need a key. */
import { FeedError } from '../feed-error.ts'
import { isObject, type JsonObject } from '../gbfs/read-envelope.ts'
import { readFeed } from '../read-feed.ts'
import { conditionOfOpenWeatherMapId } from './name-condition.ts'
import { type Quantity, readQuantity } from './read-quantity.ts'
import {
  hourOf,
  isKept,
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
  read: async (request, { latitude, longitude }, polledAt) => {
    const addressOf = (route: string): string => {
      const url = new URL(`/data/2.5/${route}`, address)
      url.search = new URLSearchParams({
        lat: String(latitude),
        lon: String(longitude),
        units: 'metric',
        appid: apiKey,
      }).toString()
      return url.href
    }
    const [observation, forecast] = await Promise.all([
      readFeed(request, addressOf('weather'), { at: polledAt }, (document) =>
        readOpenWeatherMapNow(document, { polledAt }),
      ),
      readFeed(request, addressOf('forecast'), { at: polledAt }, (document) =>
        readOpenWeatherMapAhead(document, { polledAt }),
      ),
    ])
    return { observation, forecast }
  },
})

/** Throws a FeedError when it is not an answer of `/data/2.5/weather` in metric units. */
export const readOpenWeatherMapNow = (document: unknown, { polledAt }: { polledAt: number }): WeatherNow => {
  if (!isObject(document) || typeof document.dt !== 'number' || !isObject(document.main))
    throw new FeedError('not-as-specified', 'OpenWeatherMap\'s answer has no "dt" or no "main"')
  return {
    observedAt: Math.min(document.dt * 1000, polledAt),
    ...readMain(document),
    feelsLikeC: readQuantity('temperatureC', document.main.feels_like, '°C'),
    // Rain and snow are left out when there is none.
    precipitationMm: fallen(document, '1h'),
    cloudCoverPercent: quantityIn(document.clouds, 'cloudCoverPercent', 'all', '%'),
    pressureHpa: readQuantity('pressureHpa', document.main.sea_level ?? document.main.pressure, 'hPa'),
    visibilityM: readQuantity('visibilityM', document.visibility, 'm'),
    condition: conditionOfOpenWeatherMapId(firstWeatherId(document)),
  }
}

/** Throws a FeedError when it is not an answer of `/data/2.5/forecast` with times ahead. */
export const readOpenWeatherMapAhead = (
  document: unknown,
  { polledAt }: { polledAt: number },
): WeatherAhead => {
  const list = isObject(document) && Array.isArray(document.list) ? document.list : []
  const kept = list
    .filter((step): step is JsonObject & { dt: number } => isObject(step) && typeof step.dt === 'number')
    .map((step) => ({ validAt: step.dt * 1000, step, main: readMain(step) }))
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
    precipitationMm: kept.map(({ step }) => fallen(step, '3h') / STEP_HOURS),
  }
}

const readMain = (entry: JsonObject) => ({
  temperatureC: quantityIn(entry.main, 'temperatureC', 'temp', '°C'),
  humidityPercent: quantityIn(entry.main, 'humidityPercent', 'humidity', '%'),
  windSpeedMps: quantityIn(entry.wind, 'windSpeedMps', 'speed', 'm/s'),
})

const quantityIn = (block: unknown, quantity: Quantity, field: string, unit: string): number =>
  isObject(block) ? readQuantity(quantity, block[field], unit) : Number.NaN

const fallen = (entry: JsonObject, period: '1h' | '3h'): number =>
  [entry.rain, entry.snow]
    .map((kind) => (isObject(kind) ? quantityIn(kind, 'precipitationMm', period, 'mm') : 0))
    .reduce((sum, millimetres) => sum + millimetres, 0)

const firstWeatherId = (document: JsonObject): unknown => {
  const first: unknown = Array.isArray(document.weather) ? document.weather[0] : null
  return isObject(first) ? first.id : null
}
