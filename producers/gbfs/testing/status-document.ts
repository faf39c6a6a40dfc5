/** A station_status of one's own choice, and what is read in it. */
import { readStationStatus, type StatusReading } from '../read-station-status.ts'

export const polledAt = Date.UTC(2026, 2, 2, 8, 0, 30)
export const updatedAt = Date.UTC(2026, 2, 2, 8, 0, 0)

export const document = (stations: unknown, lastUpdated: unknown = updatedAt / 1000, version = '2.3') => ({
  last_updated: lastUpdated,
  ttl: 60,
  version,
  data: { stations },
})
export const station = (fields: Record<string, unknown> = {}) => ({
  station_id: 'a',
  num_bikes_available: 5,
  num_docks_available: 10,
  is_installed: true,
  is_renting: true,
  is_returning: true,
  last_reported: updatedAt / 1000 - 60,
  ...fields,
})
export const read = (stations: unknown, lastUpdated?: unknown, version?: string) =>
  readStationStatus(document(stations, lastUpdated, version), { polledAt })
export const countsOf = ({ oddities }: Pick<StatusReading, 'oddities'>): Record<string, number> =>
  Object.fromEntries(oddities.map(({ rule, count }) => [rule, count]))
