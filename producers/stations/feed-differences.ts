/** Stations that one of the two feeds knows and the other does not: the operator builds and removes them, or one is stale. */
import type { StatusReading } from '../gbfs/read-station-status.ts'
import type { FeedReading } from '../read-feed.ts'
import type { StationCursor } from './station-cursor.ts'

/** Whether a station reports that the newest information does not know, and was not known not to know. */
export const hasStrangers = (
  { stations }: StatusReading,
  { listed, unlisted }: StationCursor['information'],
): boolean => stations.some(({ stationId }) => !listed?.has(stationId) && !unlisted.has(stationId))

/** Whether a station that the newest information knows has fallen silent: it may be missing, or gone for good. */
export const hasLosses = (
  { stationIds }: StatusReading,
  { listed, silent }: StationCursor['information'],
): boolean => silentAmong(listed, stationIds).some((stationId) => !silent.has(stationId))

export const silentAmong = (
  listed: ReadonlyMap<string, unknown> | null,
  reporting: ReadonlySet<string>,
): string[] => [...(listed?.keys() ?? [])].filter((stationId) => !reporting.has(stationId))

export const withDifferences = (
  information: StationCursor['information'],
  status: FeedReading<StatusReading>,
): StationCursor['information'] => {
  if (status.kind !== 'read') return information
  const { stations, stationIds } = status.reading
  const unlisted = stations.filter(({ stationId }) => !information.listed?.has(stationId))
  return {
    ...information,
    unlisted: new Set(unlisted.map(({ stationId }) => stationId)),
    silent: new Set(silentAmong(information.listed, stationIds)),
  }
}
