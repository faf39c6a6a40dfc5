/** Open-Meteo's answer to `/v1/forecast`: what was asked for, in the units and the time format asked for. */
import { createLocalTime, type LocalTime } from '../local-time.ts'
import type { WeatherModel, WeatherMoment } from './weather-model.ts'
import {
  apparentTemperatureC,
  dewPointC,
  precipitationBefore,
  runAsOf,
  sunOf,
  weatherCodeOf,
} from './weather-quantities.ts'

/** What is wrong with a request, in the words for its sender; Open-Meteo answers such with 400. */
export class OpenMeteoRequestError extends Error {
  override name = 'OpenMeteoRequestError'
}

type UnitKind = 'temperature' | 'speed' | 'precipitation' | 'snowfall' | '%' | '°' | 'hPa' | 'wmo code' | ''

/** The period that sums are over: the hour before, or the quarter of an hour before. */
interface Sample {
  moment: WeatherMoment
  precipitation: { totalMm: number; snowMm: number }
  isDay: boolean
}

interface Variable {
  kind: UnitKind
  digits: number
  /** In °C, m/s, mm or cm. */
  value: (sample: Sample) => number
}

const variable = (kind: UnitKind, digits: number, value: Variable['value']): Variable => ({
  kind,
  digits,
  value,
})

const VARIABLES: Record<string, Variable> = {
  temperature_2m: variable('temperature', 1, ({ moment }) => moment.temperatureC),
  relative_humidity_2m: variable('%', 0, ({ moment }) => moment.humidityPercent),
  dew_point_2m: variable('temperature', 1, ({ moment }) => dewPointC(moment)),
  apparent_temperature: variable('temperature', 1, ({ moment }) => apparentTemperatureC(moment)),
  precipitation_probability: variable('%', 0, ({ moment }) => 100 * moment.precipitationProbability),
  precipitation: variable('precipitation', 2, ({ precipitation }) => precipitation.totalMm),
  rain: variable('precipitation', 2, ({ precipitation }) => precipitation.totalMm - precipitation.snowMm),
  showers: variable('precipitation', 2, () => 0),
  // A centimetre of snow for 0.7 mm of water, as Open-Meteo reckons.
  snowfall: variable('snowfall', 2, ({ precipitation }) => precipitation.snowMm * 0.7),
  weather_code: variable('wmo code', 0, ({ moment }) => weatherCodeOf(moment)),
  pressure_msl: variable('hPa', 1, ({ moment }) => moment.pressureHpa),
  surface_pressure: variable('hPa', 1, ({ moment }) => moment.pressureHpa - 4.2),
  cloud_cover: variable('%', 0, ({ moment }) => moment.cloudPercent),
  wind_speed_10m: variable('speed', 1, ({ moment }) => moment.windMetresPerSecond),
  wind_direction_10m: variable('°', 0, ({ moment }) => moment.windDirectionDegrees),
  wind_gusts_10m: variable('speed', 1, ({ moment }) => moment.gustMetresPerSecond),
  is_day: variable('', 0, ({ isDay }) => Number(isDay)),
}

/** Names of before 2023-10 that the service still answers to. */
const OLD_NAMES: Record<string, string> = {
  relativehumidity_2m: 'relative_humidity_2m',
  dewpoint_2m: 'dew_point_2m',
  weathercode: 'weather_code',
  cloudcover: 'cloud_cover',
  windspeed_10m: 'wind_speed_10m',
  winddirection_10m: 'wind_direction_10m',
  windgusts_10m: 'wind_gusts_10m',
}

interface Unit {
  name: string
  from: (value: number) => number
}

const same = (name: string): Unit => ({ name, from: (value) => value })
const times = (name: string, factor: number): Unit => ({ name, from: (value) => value * factor })

const UNITS: Record<'temperature' | 'speed' | 'precipitation', Record<string, Unit>> = {
  temperature: {
    celsius: same('°C'),
    fahrenheit: { name: '°F', from: (celsius) => celsius * 1.8 + 32 },
  },
  speed: { kmh: times('km/h', 3.6), ms: same('m/s'), mph: times('mp/h', 2.23694), kn: times('kn', 1.94384) },
  precipitation: { mm: same('mm'), inch: times('inch', 1 / 25.4) },
}

const HOUR_MS = 3_600_000
const QUARTER_HOUR_MS = 900_000

export const openMeteoDocument = (model: WeatherModel, query: URLSearchParams, at: number): object => {
  const latitude = coordinate(query, 'latitude', 90)
  const longitude = coordinate(query, 'longitude', 180)
  const zoneName = query.get('timezone') ?? 'GMT'
  const zone = localTimeOf(zoneName)
  const offsetMs = zone.offsetMs(at)
  const unitOf = readUnits(query)
  const isUnixTime = choice(query, 'timeformat', ['iso8601', 'unixtime'], 'iso8601') === 'unixtime'
  const formatTime = (moment: number): number | string =>
    isUnixTime ? moment / 1000 : new Date(moment + offsetMs).toISOString().slice(0, 16)
  const timeUnit = isUnixTime ? 'unixtime' : 'iso8601'
  const sampleAt = (momentAt: (at: number) => WeatherMoment, moment: number, periodMs: number): Sample => {
    const sun = sunOf(latitude, longitude, moment)
    return {
      moment: momentAt(moment),
      precipitation: precipitationBefore(momentAt, moment, periodMs),
      isDay: moment >= sun.riseAt && moment < sun.setAt,
    }
  }
  const numberFor = (name: string, sample: Sample): number => {
    const { kind, digits, value } = variableNamed(name)
    const rounded = Number(unitOf(kind).from(value(sample)).toFixed(digits))
    return rounded === 0 ? 0 : rounded
  }
  const unitsOf = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, unitOf(variableNamed(name).kind).name]))

  const currentNames = list(query, 'current')
  const hourlyNames = list(query, 'hourly')
  const answer: Record<string, unknown> = {
    latitude: Math.round(latitude * 16) / 16,
    longitude: Math.round(longitude * 16) / 16,
    generationtime_ms: 0.1,
    utc_offset_seconds: offsetMs / 1000,
    timezone: zoneName,
    timezone_abbreviation: abbreviationOf(zoneName, offsetMs),
    elevation: 35,
  }
  if (currentNames.length > 0) {
    const currentAt = Math.floor(at / QUARTER_HOUR_MS) * QUARTER_HOUR_MS
    const sample = sampleAt(model.observedAt, currentAt, QUARTER_HOUR_MS)
    answer.current_units = { time: timeUnit, interval: 'seconds', ...unitsOf(currentNames) }
    answer.current = {
      time: formatTime(currentAt),
      interval: QUARTER_HOUR_MS / 1000,
      ...Object.fromEntries(currentNames.map((name) => [name, numberFor(name, sample)])),
    }
  }
  if (hourlyNames.length > 0) {
    const hours = hoursAsked(query, at, offsetMs)
    const run = runAsOf(model, at)
    const samples = hours.map((hour) => sampleAt(run, hour, HOUR_MS))
    answer.hourly_units = { time: timeUnit, ...unitsOf(hourlyNames) }
    answer.hourly = {
      time: hours.map(formatTime),
      ...Object.fromEntries(
        hourlyNames.map((name) => [name, samples.map((sample) => numberFor(name, sample))]),
      ),
    }
  }
  return answer
}

/** Whole days of the zone, from today's midnight (or `past_days` earlier) on; or `forecast_hours` from this hour on. */
const hoursAsked = (query: URLSearchParams, at: number, offsetMs: number): number[] => {
  const hours = count(query, 'forecast_hours', 0, 384)
  const dayMs = 24 * HOUR_MS
  const midnight = Math.floor((at + offsetMs) / dayMs) * dayMs - offsetMs
  const start =
    hours > 0 ? Math.floor(at / HOUR_MS) * HOUR_MS : midnight - count(query, 'past_days', 0, 92) * dayMs
  const length =
    hours > 0 ? hours : 24 * (count(query, 'forecast_days', 7, 16) + count(query, 'past_days', 0, 92))
  return Array.from({ length }, (_, hour) => start + hour * HOUR_MS)
}

const coordinate = (query: URLSearchParams, name: string, limit: number): number => {
  const text = query.get(name)
  if (text === null) throw new OpenMeteoRequestError(`Parameter '${name}' is required.`)
  const value = Number(text)
  if (text.trim() === '' || !(Math.abs(value) <= limit))
    throw new OpenMeteoRequestError(`${name} must be in range of -${limit} to ${limit}°. Given: ${text}.`)
  return value
}

const count = (query: URLSearchParams, name: string, fallback: number, limit: number): number => {
  const value = Number(query.get(name) ?? fallback)
  if (!Number.isInteger(value) || value < 0 || value > limit)
    throw new OpenMeteoRequestError(`${name} must be a whole number from 0 to ${limit}.`)
  return value
}

const choice = (query: URLSearchParams, name: string, allowed: string[], fallback: string): string => {
  const value = query.get(name) ?? fallback
  if (!allowed.includes(value))
    throw new OpenMeteoRequestError(`${name} must be one of ${allowed.join(', ')}. Given: ${value}.`)
  return value
}

/** Both `?hourly=a,b` and `?hourly=a&hourly=b` are in use. */
const list = (query: URLSearchParams, name: string): string[] =>
  query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '')

const variableNamed = (name: string): Variable => {
  const found = VARIABLES[OLD_NAMES[name] ?? name]
  if (!found)
    throw new OpenMeteoRequestError(
      `Cannot initialize WeatherVariable from invalid String value ${name}; this simulator has ${Object.keys(VARIABLES).join(', ')}.`,
    )
  return found
}

const readUnits = (query: URLSearchParams): ((kind: UnitKind) => Unit) => {
  const pick = (name: string, units: Record<string, Unit>, fallback: string): Unit =>
    units[choice(query, name, Object.keys(units), fallback)]!
  const temperature = pick('temperature_unit', UNITS.temperature, 'celsius')
  const speed = pick('wind_speed_unit', UNITS.speed, query.get('windspeed_unit') ?? 'kmh')
  const precipitation = pick('precipitation_unit', UNITS.precipitation, 'mm')
  const snowfall = precipitation.name === 'inch' ? times('inch', 1 / 2.54) : same('cm')
  return (kind) =>
    kind === 'temperature'
      ? temperature
      : kind === 'speed'
        ? speed
        : kind === 'precipitation'
          ? precipitation
          : kind === 'snowfall'
            ? snowfall
            : same(kind)
}

const localTimeOf = (zone: string): LocalTime => {
  try {
    return createLocalTime(zone)
  } catch {
    throw new OpenMeteoRequestError(`Invalid timezone '${zone}'.`)
  }
}

const abbreviationOf = (zone: string, offsetMs: number): string => {
  if (zone === 'UTC' || zone === 'GMT') return zone
  const hours = offsetMs / HOUR_MS
  return hours === 0 ? 'GMT' : `GMT${hours > 0 ? '+' : ''}${hours}`
}
