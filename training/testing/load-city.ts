/** Generated cities in the tables, as the sink would have written them. */
import { type CopyRow, type Database, type TopicTable, topicTables } from '@velocast/db'
import type { StationStatus, WeatherForecast, WeatherObservation } from '@velocast/schemas'
import { generateStatus, generateWeather, type ReadingsOptions } from '@velocast/testkit'

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
  const { stationStatus, weatherObservations, weatherForecasts } = topicTables
  await copyRecords(database, stationStatus, statuses)
  await copyRecords(database, weatherObservations, observations)
  await copyRecords(database, weatherForecasts, forecasts)
}

const copyRecords = <T>(database: Database, table: TopicTable<T>, records: Iterable<T>): Promise<number> =>
  database.copyInto(table.table, table.columns, rowsOf(table, records))

function* rowsOf<T>(table: TopicTable<T>, records: Iterable<T>): Generator<CopyRow> {
  for (const record of records) yield* table.rowsFrom(record)
}
