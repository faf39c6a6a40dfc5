/** Generated cities in the tables, as the sink would have written them. */
import type { CopyColumn, Database } from '@velocast/db'
import type { StationStatus, WeatherForecast, WeatherObservation } from '@velocast/schemas'
import { generateStatus, generateWeather, type ReadingsOptions } from '@velocast/testkit'

const statusColumns: CopyColumn[] = [
  { name: 'system_id', type: 'text' },
  { name: 'station_id', type: 'text' },
  { name: 'observed_at', type: 'timestamptz' },
  { name: 'polled_at', type: 'timestamptz' },
  { name: 'reported_at', type: 'timestamptz' },
  { name: 'bikes', type: 'integer' },
  { name: 'ebikes', type: 'integer' },
  { name: 'docks', type: 'integer' },
  { name: 'bikes_disabled', type: 'integer' },
  { name: 'docks_disabled', type: 'integer' },
  { name: 'is_installed', type: 'boolean' },
  { name: 'is_renting', type: 'boolean' },
  { name: 'is_returning', type: 'boolean' },
  { name: 'capacity', type: 'integer' },
  { name: 'latitude', type: 'double' },
  { name: 'longitude', type: 'double' },
  { name: 'origin', type: 'text' },
]

const weatherColumns: CopyColumn[] = [
  { name: 'system_id', type: 'text' },
  { name: 'location_id', type: 'text' },
  { name: 'provider', type: 'text' },
  { name: 'observed_at', type: 'timestamptz' },
  { name: 'polled_at', type: 'timestamptz' },
  { name: 'temperature_c', type: 'real' },
  { name: 'feels_like_c', type: 'real' },
  { name: 'humidity_percent', type: 'real' },
  { name: 'wind_speed_mps', type: 'real' },
  { name: 'precipitation_mm', type: 'real' },
  { name: 'cloud_cover_percent', type: 'real' },
  { name: 'pressure_hpa', type: 'real' },
  { name: 'visibility_m', type: 'real' },
  { name: 'condition', type: 'text' },
]

const forecastColumns: CopyColumn[] = [
  { name: 'system_id', type: 'text' },
  { name: 'location_id', type: 'text' },
  { name: 'provider', type: 'text' },
  { name: 'issued_at', type: 'timestamptz' },
  { name: 'polled_at', type: 'timestamptz' },
  { name: 'valid_at', type: 'timestamptz' },
  { name: 'temperature_c', type: 'real' },
  { name: 'humidity_percent', type: 'real' },
  { name: 'wind_speed_mps', type: 'real' },
  { name: 'precipitation_mm', type: 'real' },
]

/** Floats as they are after a journey through Avro and the tables. */
export const asStored = (
  options: Omit<ReadingsOptions, 'stations'>,
): { observations: WeatherObservation[]; forecasts: WeatherForecast[] } => {
  const weather = [...generateWeather(options)]
  const round = <T extends object>(record: T): T =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [name, name.endsWith('At') ? value : stored(value)]),
    ) as T
  return {
    observations: weather.map(({ observation }) => round(observation)),
    forecasts: weather.map(({ forecast }) => round(forecast)),
  }
}

const stored = (value: unknown): unknown =>
  typeof value === 'number' ? Math.fround(value) : Array.isArray(value) ? value.map(stored) : value

export interface CityRecords {
  statuses: Iterable<StationStatus>
  observations: readonly WeatherObservation[]
  forecasts: readonly WeatherForecast[]
}

export const loadCity = (database: Database, options: ReadingsOptions): Promise<void> =>
  loadRecords(database, { statuses: generateStatus(options), ...asStored(options) })

export const loadRecords = async (
  database: Database,
  { statuses, observations, forecasts }: CityRecords,
): Promise<void> => {
  await database.copyInto('station_status', statusColumns, statusRows(statuses))
  await database.copyInto('weather_observations', weatherColumns, observations.map(weatherRow))
  await database.copyInto('weather_forecasts', forecastColumns, forecasts.flatMap(forecastRows))
}

function* statusRows(statuses: Iterable<StationStatus>) {
  for (const status of statuses)
    yield [
      status.systemId,
      status.stationId,
      status.observedAt,
      status.polledAt,
      status.reportedAt,
      status.bikes,
      status.ebikes,
      status.docks,
      status.bikesDisabled,
      status.docksDisabled,
      status.isInstalled,
      status.isRenting,
      status.isReturning,
      status.capacity,
      status.latitude,
      status.longitude,
      status.origin,
    ]
}

const weatherRow = (weather: WeatherObservation) => [
  weather.systemId,
  weather.locationId,
  weather.provider,
  weather.observedAt,
  weather.polledAt,
  weather.temperatureC,
  weather.feelsLikeC,
  weather.humidityPercent,
  weather.windSpeedMps,
  weather.precipitationMm,
  weather.cloudCoverPercent,
  weather.pressureHpa,
  weather.visibilityM,
  weather.condition,
]

const forecastRows = (forecast: WeatherForecast) =>
  forecast.validAt.map((validAt, index) => [
    forecast.systemId,
    forecast.locationId,
    forecast.provider,
    forecast.issuedAt,
    forecast.polledAt,
    validAt,
    forecast.temperatureC[index]!,
    forecast.humidityPercent[index]!,
    forecast.windSpeedMps[index]!,
    forecast.precipitationMm[index]!,
  ])
