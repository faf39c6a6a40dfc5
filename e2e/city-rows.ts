/** What the log says that the tables hold, and what they do hold, in one form: text by key, for comparing both ways. */
import { createSystemHistory, vectorFeatureNames } from '@velocast/features'
import type { System } from '@velocast/runtime'
import type { StationStatus, StationVector, WeatherObservation } from '@velocast/schemas'
import type { TestDatabase } from '@velocast/testkit'

/** Rows by their natural key. */
export type Rows = Map<string, string>

/** The library's vectors of a whole log, in the log's order; each is a pure function of what came before it. */
export const computeVectors = (
  { systemId, timeZone, country, region }: System,
  statuses: readonly StationStatus[],
  weather: readonly WeatherObservation[],
): Rows => {
  const history = createSystemHistory({ systemId, timeZone, country, region })
  for (const observation of weather) history.applyWeather(observation)
  const vectors: Rows = new Map()
  const into = new Float32Array(vectorFeatureNames.length)
  for (const status of statuses)
    if (history.observe(status, into) === 'vector')
      vectors.set(vectorKey({ ...status, asOf: status.observedAt }), bitsOf(into))
  return vectors
}

export const vectorsOf = (vectors: readonly StationVector[]): Rows =>
  new Map(vectors.map((each) => [vectorKey(each), bitsOf(each.vector)]))

export const vectorsInTable = async ({ database }: TestDatabase, { systemId }: System): Promise<Rows> => {
  const { rows } = await database.query<Record<string, number | string>>(
    'select * from station_features where system_id = $1',
    [systemId],
  )
  return new Map(
    rows.map((row) => {
      const vector = Float32Array.from(vectorFeatureNames, (name) => row[name] as number)
      const { station_id: stationId, as_of: asOf, polled_at: polledAt } = row
      return [
        vectorKey({ stationId: String(stationId), asOf: Number(asOf), polledAt: Number(polledAt) }),
        bitsOf(vector),
      ]
    }),
  )
}

/** Statuses whose numbers are possible; of several with one key the last counts, as in the table. */
export const statusRowsOf = (statuses: readonly StationStatus[]): Rows =>
  new Map(
    statuses
      .filter((status) => status.bikes >= 0)
      .map((status) => [
        `${status.stationId} at ${new Date(status.observedAt).toISOString()}`,
        JSON.stringify(statusColumns.map(([, field]) => status[field])),
      ]),
  )

export const statusRowsInTable = async ({ database }: TestDatabase, { systemId }: System): Promise<Rows> => {
  const { rows } = await database.query<Record<string, unknown>>(
    'select * from station_status where system_id = $1',
    [systemId],
  )
  return new Map(
    rows.map((row) => [
      `${row.station_id} at ${new Date(row.observed_at as number).toISOString()}`,
      JSON.stringify(statusColumns.map(([column]) => row[column])),
    ]),
  )
}

/** The first differences in words: rows that only one side has, and rows that differ. */
export const differencesOf = (expected: Rows, found: Rows): string[] => {
  const differences: string[] = []
  for (const [key, row] of expected) {
    const other = found.get(key)
    if (other === undefined) differences.push(`${key} is missing`)
    else if (other !== row) differences.push(`${key} is ${shown(other)}, should be ${shown(row)}`)
  }
  for (const key of found.keys()) if (!expected.has(key)) differences.push(`${key} should not be there`)
  return differences.slice(0, SHOWN)
}

const SHOWN = 5

const shown = (row: string): string => (row.length > 300 ? `${row.slice(0, 300)}…` : row)

const statusColumns: readonly (readonly [string, keyof StationStatus])[] = [
  ['polled_at', 'polledAt'],
  ['reported_at', 'reportedAt'],
  ['bikes', 'bikes'],
  ['ebikes', 'ebikes'],
  ['docks', 'docks'],
  ['bikes_disabled', 'bikesDisabled'],
  ['docks_disabled', 'docksDisabled'],
  ['is_installed', 'isInstalled'],
  ['is_renting', 'isRenting'],
  ['is_returning', 'isReturning'],
  ['capacity', 'capacity'],
  ['latitude', 'latitude'],
  ['longitude', 'longitude'],
  ['origin', 'origin'],
]

const vectorKey = ({
  stationId,
  asOf,
  polledAt,
}: Pick<StationVector, 'stationId' | 'asOf' | 'polledAt'>): string =>
  `${stationId} as of ${new Date(asOf).toISOString()}, polled at ${new Date(polledAt).toISOString()}`

/** Every bit counts: a comparison of numbers would take 0 for -0. All that is not a number is written alike. */
const bitsOf = (vector: Float32Array): string => {
  const canonical = vector.map((value) => (Number.isNaN(value) ? Number.NaN : value))
  return Buffer.from(canonical.buffer, canonical.byteOffset, canonical.byteLength).toString('hex')
}
