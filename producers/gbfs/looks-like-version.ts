import type { StationEntry } from './find-stations.ts'
import { isObject } from './read-envelope.ts'

/** The first version of GBFS that has what these stations show, for documents that name no version. */
export const looksLikeVersion = (entries: readonly StationEntry[]): string => {
  const [first] = entries.map(({ value }) => value).filter(isObject)
  if (!first) return '1.0'
  const hasVehicles = 'num_vehicles_available' in first && !('num_bikes_available' in first)
  if (hasVehicles || Array.isArray(first.name)) return '3.0'
  if ('vehicle_types_available' in first || 'is_virtual_station' in first) return '2.1'
  const flags = [first.is_installed, first.is_renting, first.is_returning]
  return flags.some((flag) => typeof flag === 'boolean') ? '2.0' : '1.0'
}
