import { OpenMeteoRequestError, openMeteoDocument } from '../weather/open-meteo-document.ts'
import {
  currentWeatherDocument,
  forecastDocument,
  type OpenWeatherMapPlace,
  type OpenWeatherMapUnits,
} from '../weather/open-weather-map-documents.ts'
import type { WeatherModel } from '../weather/weather-model.ts'
import { type Answer, ok } from './answer.ts'

export interface WeatherRoutesOptions {
  model: WeatherModel
  place: OpenWeatherMapPlace
}

/** Answers for the paths of Open-Meteo and OpenWeatherMap, or null for any other. */
export const createWeatherRoutes =
  ({ model, place }: WeatherRoutesOptions) =>
  (path: string, query: URLSearchParams, at: number): Answer | null => {
    switch (path) {
      case '/v1/forecast':
        return openMeteoAnswer(model, query, at)
      case '/data/2.5/weather':
      case '/data/2.5/forecast':
        return openWeatherMapAnswer(model, place, path, query, at)
      default:
        return null
    }
  }

const openMeteoAnswer = (model: WeatherModel, query: URLSearchParams, at: number): Answer => {
  try {
    const places = placesIn(query)
    // The answer about a single place is no list.
    const documents = places.map((place) => openMeteoDocument(model, place, at))
    return ok(documents.length === 1 ? documents[0] : documents)
  } catch (error) {
    if (!(error instanceof OpenMeteoRequestError)) throw error
    return { status: 400, body: { error: true, reason: error.message } }
  }
}

/** One query for each of the places that a query names, separated by commas. */
const placesIn = (query: URLSearchParams): URLSearchParams[] => {
  const latitudes = (query.get('latitude') ?? '').split(',')
  const longitudes = (query.get('longitude') ?? '').split(',')
  if (latitudes.length !== longitudes.length)
    throw new OpenMeteoRequestError(
      "Parameter 'latitude' and 'longitude' must have the same number of elements",
    )
  if (latitudes.length === 1) return [query]
  return latitudes.map((latitude, index) => {
    const place = new URLSearchParams(query)
    place.set('latitude', latitude)
    place.set('longitude', longitudes[index] as string)
    return place
  })
}

const openWeatherMapAnswer = (
  model: WeatherModel,
  place: OpenWeatherMapPlace,
  path: string,
  query: URLSearchParams,
  at: number,
): Answer => {
  // The service's own words; its `cod` is a number here and a string in its other errors.
  if (!query.get('appid'))
    return {
      status: 401,
      body: {
        cod: 401,
        message: 'Invalid API key. Please see https://openweathermap.org/faq#error401 for more info.',
      },
    }
  if (!isCoordinate(query.get('lat'), 90)) return badRequest('wrong latitude', query.get('lat'))
  if (!isCoordinate(query.get('lon'), 180)) return badRequest('wrong longitude', query.get('lon'))
  const units = (query.get('units') ?? 'standard') as OpenWeatherMapUnits
  return path === '/data/2.5/weather'
    ? ok(currentWeatherDocument(model, place, units, at))
    : ok(forecastDocument(model, place, units, at, Number(query.get('cnt')) || undefined))
}

const isCoordinate = (text: string | null, limit: number): boolean =>
  text !== null && text.trim() !== '' && Math.abs(Number(text)) <= limit

const badRequest = (message: string, given: string | null): Answer => ({
  status: 400,
  body: { cod: '400', message: given === null ? 'Nothing to geocode' : message },
})
