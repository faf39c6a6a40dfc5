/**
 * The statements that read a system's past in the order in which it became known: by the time of the poll, and within a
 * poll by station, as producers publish it. Times are epoch milliseconds.
 *
 * Collation "C" sorts by code point, JavaScript by UTF-16 code unit: only ids beyond U+FFFF could tell them apart.
 */
import type { StationStatus, WeatherForecast, WeatherObservation } from '@velocast/schemas'
import type { Session } from '../open-database.ts'

/** What was read of a system from one moment to another, both included. */
export interface HistoryRange {
  systemId: string
  from: number
  until: number
}

// polled_at is never before observed_at, so the bound on observed_at changes nothing but the chunks that are opened.
const ofRange = 'system_id = $1 and polled_at >= $2 and polled_at <= $3'
/** What was reconstructed from trips is neither a feature's input nor a label. */
const statusesOfRange = `station_status where ${ofRange} and observed_at <= $3 and origin = 'REPORTED'`
const valuesOf = ({ systemId, from, until }: HistoryRange): unknown[] => [
  systemId,
  new Date(from),
  new Date(until),
]

/** When the earliest of the range became known; null when there is none. */
export const firstPolledAt = async (session: Session, range: HistoryRange): Promise<number | null> => {
  const { rows } = await session.query<{ polled_at: number | null }>(
    `select min(polled_at) as polled_at from ${statusesOfRange}`,
    valuesOf(range),
  )
  return rows[0]!.polled_at
}

/**
 * Rows of a statement, some at a time, through a cursor that lives as long as the transaction: the server plans it for
 * the first rows, so a range is read along its index instead of being sorted as a whole.
 */
async function* readThroughCursor<R extends object>(
  session: Session,
  name: string,
  statement: string,
  values: readonly unknown[],
  rowsAtOnce: number,
): AsyncGenerator<R[]> {
  await session.query(`declare ${name} no scroll cursor for ${statement}`, values)
  for (;;) {
    const { rows } = await session.query<R>(`fetch ${rowsAtOnce} from ${name}`)
    if (rows.length > 0) yield rows
    if (rows.length < rowsAtOnce) return
  }
}

interface StatusRow {
  station_id: string
  observed_at: number
  polled_at: number
  reported_at: number | null
  bikes: number
  ebikes: number | null
  docks: number | null
  bikes_disabled: number
  docks_disabled: number
  is_installed: boolean
  is_renting: boolean
  is_returning: boolean
  capacity: number | null
  latitude: number | null
  longitude: number | null
  origin: StationStatus['origin']
}

/** Observations; to be read within a transaction, like all that follows. */
export async function* readStatuses(
  session: Session,
  range: HistoryRange,
  rowsAtOnce = 2_000,
): AsyncGenerator<StationStatus[]> {
  const statement = `select station_id, observed_at, polled_at, reported_at, bikes, ebikes, docks, bikes_disabled,
      docks_disabled, is_installed, is_renting, is_returning, capacity, latitude, longitude, origin
    from ${statusesOfRange}
    order by polled_at, station_id collate "C", observed_at`
  const rows = readThroughCursor<StatusRow>(session, 'statuses', statement, valuesOf(range), rowsAtOnce)
  for await (const some of rows) yield some.map((row) => toStatus(range.systemId, row))
}

const toStatus = (systemId: string, row: StatusRow): StationStatus => ({
  systemId,
  stationId: row.station_id,
  observedAt: row.observed_at,
  polledAt: row.polled_at,
  reportedAt: row.reported_at,
  bikes: row.bikes,
  ebikes: row.ebikes,
  docks: row.docks,
  bikesDisabled: row.bikes_disabled,
  docksDisabled: row.docks_disabled,
  isInstalled: row.is_installed,
  isRenting: row.is_renting,
  isReturning: row.is_returning,
  capacity: row.capacity,
  latitude: row.latitude,
  longitude: row.longitude,
  origin: row.origin,
})

interface WeatherRow {
  location_id: string
  provider: string
  observed_at: number
  polled_at: number
  temperature_c: number
  feels_like_c: number
  humidity_percent: number
  wind_speed_mps: number
  precipitation_mm: number
  cloud_cover_percent: number
  pressure_hpa: number
  visibility_m: number
  condition: string
}

export async function* readWeather(
  session: Session,
  range: HistoryRange,
): AsyncGenerator<WeatherObservation[]> {
  const statement = `select location_id, provider, observed_at, polled_at, temperature_c, feels_like_c, humidity_percent,
      wind_speed_mps, precipitation_mm, cloud_cover_percent, pressure_hpa, visibility_m, condition
    from weather_observations where ${ofRange} order by polled_at, observed_at, location_id collate "C"`
  for await (const rows of readThroughCursor<WeatherRow>(
    session,
    'weather',
    statement,
    valuesOf(range),
    2_000,
  ))
    yield rows.map((row) => ({
      systemId: range.systemId,
      locationId: row.location_id,
      provider: row.provider,
      observedAt: row.observed_at,
      polledAt: row.polled_at,
      temperatureC: row.temperature_c,
      feelsLikeC: row.feels_like_c,
      humidityPercent: row.humidity_percent,
      windSpeedMps: row.wind_speed_mps,
      precipitationMm: row.precipitation_mm,
      cloudCoverPercent: row.cloud_cover_percent,
      pressureHpa: row.pressure_hpa,
      visibilityM: row.visibility_m,
      condition: row.condition,
    }))
}

interface ForecastRow {
  location_id: string
  provider: string
  issued_at: number
  polled_at: number
  valid_at: number[]
  temperature_c: number[]
  humidity_percent: number[]
  wind_speed_mps: number[]
  precipitation_mm: number[]
}

/** Weather forecasts as they were issued, put together from their rows. */
export async function* readForecasts(
  session: Session,
  range: HistoryRange,
): AsyncGenerator<WeatherForecast[]> {
  const statement = `select polled_at, issued_at, location_id, max(provider) as provider,
      array_agg(valid_at order by valid_at) as valid_at,
      array_agg(temperature_c order by valid_at) as temperature_c,
      array_agg(humidity_percent order by valid_at) as humidity_percent,
      array_agg(wind_speed_mps order by valid_at) as wind_speed_mps,
      array_agg(precipitation_mm order by valid_at) as precipitation_mm
    from weather_forecasts where ${ofRange}
    group by polled_at, issued_at, location_id order by polled_at, issued_at, location_id collate "C"`
  for await (const rows of readThroughCursor<ForecastRow>(
    session,
    'forecasts',
    statement,
    valuesOf(range),
    200,
  ))
    yield rows.map((row) => ({
      systemId: range.systemId,
      locationId: row.location_id,
      provider: row.provider,
      issuedAt: row.issued_at,
      polledAt: row.polled_at,
      validAt: row.valid_at,
      temperatureC: row.temperature_c,
      humidityPercent: row.humidity_percent,
      windSpeedMps: row.wind_speed_mps,
      precipitationMm: row.precipitation_mm,
    }))
}
