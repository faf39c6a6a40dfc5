/** What Open-Meteo's answers have in common, about now, the future and the past. */
import type { WeatherLocation } from '@velocast/runtime'
import { FeedError } from '../feed-error.ts'
import type { NoteOddity } from '../gbfs/collect-oddities.ts'
import { isObject, type JsonObject } from '../gbfs/read-envelope.ts'
import type { FeedReading } from '../read-feed.ts'
import { type Quantity, readQuantity } from './read-quantity.ts'

/** The variables by which it knows the weather of a moment. Visibility is not in every model, and a missing one fails the request. */
export const MOMENT_VARIABLES = [
  'temperature_2m',
  'apparent_temperature',
  'relative_humidity_2m',
  'precipitation',
  'weather_code',
  'cloud_cover',
  'pressure_msl',
  'wind_speed_10m',
]

/** An address that asks about all of the locations at once, in our units and in UTC. */
export const openMeteoAddress = (
  base: string,
  route: string,
  locations: readonly WeatherLocation[],
  query: Record<string, string>,
): string => {
  const url = new URL(route, base)
  url.search = new URLSearchParams({
    latitude: locations.map(({ latitude }) => latitude).join(','),
    longitude: locations.map(({ longitude }) => longitude).join(','),
    ...query,
    wind_speed_unit: 'ms',
    timeformat: 'unixtime',
    timezone: 'UTC',
  }).toString()
  return url.href
}

/** What the answer says of one of the places: each of its readings may fail for itself. */
export const readPart = <T>(
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
export const requireObjects = (document: unknown): readonly unknown[] => {
  if (Array.isArray(document)) return document
  if (isObject(document)) return [document]
  throw new FeedError('not-as-specified', "Open-Meteo's answer is not an object")
}

/** Names of the API before 2023-12, which mirrors and recordings still use. */
const FORMER_NAMES: Record<string, string> = {
  relative_humidity_2m: 'relativehumidity_2m',
  wind_speed_10m: 'windspeed_10m',
  cloud_cover: 'cloudcover',
}

export type OpenMeteoBlock = ReturnType<typeof blockOf>

/** Throws a FeedError when it is not there. */
export const blockOf = (document: JsonObject, name: 'current' | 'hourly', note: NoteOddity) => {
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

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
