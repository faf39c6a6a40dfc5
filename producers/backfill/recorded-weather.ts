/**
 * Weather that was recorded beside snapshots, as CSV in Open-Meteo's names: observations (`time_utc`) and forecasts as they were
 * issued (`issued_utc`, `valid_utc`). Such files do not name their units. Where they have the dew point, temperature and
 * humidity tell: only in the right unit do the three go together (Magnus formula, coefficients of Alduchov and Eskridge, 1996).
 */
import { findFiles, momentOf, openFiles, readCsvRows } from '@velocast/recordings'
import type { WeatherForecast, WeatherObservation } from '@velocast/schemas'
import { readQuantity } from '../weather/read-quantity.ts'

export type WeatherUnits = 'us' | 'metric'

export interface RecordedWeather {
  /** Both in the order of polledAt. An observation is known at its own moment, a forecast when it was issued. */
  observations: WeatherObservation[]
  forecasts: WeatherForecast[]
  units: WeatherUnits
}

const UNITS = {
  us: { temperature: '°F', wind: 'mph', precipitation: 'inch' },
  metric: { temperature: '°C', wind: 'km/h', precipitation: 'mm' },
} as const

type Row = ReadonlyMap<string, string>

/** Throws an error that says what is wrong: no such file, no such columns, units that nothing tells. */
export const recordedWeather = async (
  paths: readonly string[],
  { systemId, units }: { systemId: string; units?: WeatherUnits },
): Promise<RecordedWeather> => {
  const rows: Row[] = []
  for (const path of await findFiles(paths)) for await (const row of rowsOf(path)) rows.push(row)
  const known = rows.filter((row) => row.has('time_utc') || row.has('issued_utc'))
  if (known.length === 0)
    throw new Error(
      `no file of weather is in ${paths.join(', ')}: CSV with time_utc, or with issued_utc and valid_utc`,
    )
  const unitsUsed = units ?? unitsOf(known)
  if (unitsUsed === null)
    throw new Error(
      'the files of weather have no dewpoint_2m to tell their units by: say which they are (us or metric)',
    )
  const at = { systemId, locationId: 'recorded', provider: 'recorded' }
  return {
    observations: observationsOf(known, unitsUsed).map((each) => ({ ...at, ...each })),
    forecasts: forecastsOf(known, unitsUsed).map((each) => ({ ...at, ...each })),
    units: unitsUsed,
  }
}

async function* rowsOf(path: string): AsyncGenerator<Row> {
  for await (const { bytes } of openFiles(path)) {
    let header: string[] | null = null
    for await (const some of readCsvRows(bytes))
      for (const fields of some) {
        if (header) yield new Map(header.map((name, index) => [name, fields[index] ?? '']))
        else header = fields.map((name) => name.trim().toLowerCase())
      }
  }
}

const numberIn = (row: Row, ...names: string[]): number => {
  for (const name of names) {
    const text = row.get(name)
    if (text !== undefined && text !== '') return Number(text)
  }
  return Number.NaN
}

/** The units in which dew point, temperature and humidity go together best; null where there are too few of them. */
const unitsOf = (rows: readonly Row[]): WeatherUnits | null => {
  const errors = { us: 0, metric: 0 }
  let compared = 0
  for (const row of rows.slice(0, ROWS_TO_TELL_BY)) {
    const temperature = numberIn(row, 'temperature_2m')
    const dewPoint = numberIn(row, 'dewpoint_2m', 'dew_point_2m')
    const humidity = numberIn(row, 'relativehumidity_2m', 'relative_humidity_2m')
    if (Number.isNaN(temperature + dewPoint + humidity)) continue
    compared++
    const celsius = (fahrenheit: number): number => ((fahrenheit - 32) * 5) / 9
    errors.metric += Math.abs(humidityOf(temperature, dewPoint) - humidity)
    errors.us += Math.abs(humidityOf(celsius(temperature), celsius(dewPoint)) - humidity)
  }
  if (compared < LEAST_ROWS_TO_TELL_BY) return null
  return errors.us < errors.metric ? 'us' : 'metric'
}

const ROWS_TO_TELL_BY = 2_000
const LEAST_ROWS_TO_TELL_BY = 24
const pressure = (celsius: number): number => Math.exp((17.625 * celsius) / (243.04 + celsius))
const humidityOf = (temperature: number, dewPoint: number): number =>
  (100 * pressure(dewPoint)) / pressure(temperature)

const quantitiesOf = (row: Row, units: WeatherUnits) => {
  const { temperature, wind, precipitation } = UNITS[units]
  const read = (quantity: Parameters<typeof readQuantity>[0], unit: string, ...names: string[]): number => {
    const value = numberIn(row, ...names)
    return Number.isNaN(value) ? value : readQuantity(quantity, value, unit, () => {})
  }
  const rain = numberIn(row, 'precipitation')
  const parts = [numberIn(row, 'rain'), numberIn(row, 'showers')].filter((part) => !Number.isNaN(part))
  const fallen = Number.isNaN(rain)
    ? parts.length > 0
      ? parts.reduce((sum, part) => sum + part, 0)
      : Number.NaN
    : rain
  return {
    temperatureC: read('temperatureC', temperature, 'temperature_2m'),
    feelsLikeC: read('temperatureC', temperature, 'apparent_temperature'),
    humidityPercent: read('humidityPercent', '%', 'relativehumidity_2m', 'relative_humidity_2m'),
    windSpeedMps: read('windSpeedMps', wind, 'windspeed_10m', 'wind_speed_10m'),
    precipitationMm: Number.isNaN(fallen)
      ? fallen
      : readQuantity('precipitationMm', fallen, precipitation, () => {}),
    cloudCoverPercent: read('cloudCoverPercent', '%', 'cloudcover', 'cloud_cover'),
    pressureHpa: read('pressureHpa', 'hPa', 'pressure_msl', 'surface_pressure'),
  }
}

const observationsOf = (rows: readonly Row[], units: WeatherUnits) =>
  rows
    .flatMap((row) => {
      const observedAt = momentOf(row.get('time_utc'))
      if (observedAt === null) return []
      const quantities = quantitiesOf(row, units)
      return [
        { observedAt, polledAt: observedAt, ...quantities, visibilityM: Number.NaN, condition: 'unknown' },
      ]
    })
    .sort((a, b) => a.polledAt - b.polledAt)

const forecastsOf = (rows: readonly Row[], units: WeatherUnits) => {
  const byIssue = new Map<number, Map<number, ReturnType<typeof quantitiesOf>>>()
  for (const row of rows) {
    const issuedAt = momentOf(row.get('issued_utc'))
    const validAt = momentOf(row.get('valid_utc'))
    if (issuedAt === null || validAt === null) continue
    const valid = byIssue.get(issuedAt) ?? new Map()
    valid.set(validAt, quantitiesOf(row, units))
    byIssue.set(issuedAt, valid)
  }
  return [...byIssue]
    .sort(([a], [b]) => a - b)
    .map(([issuedAt, valid]) => {
      const inOrder = [...valid].sort(([a], [b]) => a - b)
      return {
        issuedAt,
        polledAt: issuedAt,
        validAt: inOrder.map(([at]) => at),
        temperatureC: inOrder.map(([, each]) => each.temperatureC),
        humidityPercent: inOrder.map(([, each]) => each.humidityPercent),
        windSpeedMps: inOrder.map(([, each]) => each.windSpeedMps),
        precipitationMm: inOrder.map(([, each]) => each.precipitationMm),
      }
    })
}
