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
    return ok(openMeteoDocument(model, query, at))
  } catch (error) {
    if (!(error instanceof OpenMeteoRequestError)) throw error
    return { status: 400, body: { error: true, reason: error.message } }
  }
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
