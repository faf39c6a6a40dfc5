import { collectOddities, type FoundOddity, type NoteOddity } from './collect-oddities.ts'
import { foldedId } from './join-station-ids.ts'
import type { InformationReading } from './read-station-information.ts'
import type { ReportedStatus, StatusReading } from './read-station-status.ts'

export interface StationCounts {
  information: number
  status: number
  /** In both. */
  both: number
}

/** Different stations in the two documents, by their ids; rejected ones count. */
export const countStations = (
  information: ReadonlySet<string>,
  status: ReadonlySet<string>,
): StationCounts => ({
  information: information.size,
  status: status.size,
  both: status.size - without(status, information).length,
})

/** What is odd only when the two documents are laid beside each other. */
export const compareStations = (information: InformationReading, status: StatusReading): FoundOddity[] => {
  const { note, found } = collectOddities()
  for (const stationId of without(status.stationIds, information.stationIds))
    note('station-without-information', `station ${stationId}`)
  for (const stationId of without(information.stationIds, status.stationIds))
    note('station-without-status', `station ${stationId}`)
  noteSimilarIds(information.stationIds, status.stationIds, note)
  const capacities = new Map(information.stations.map(({ stationId, capacity }) => [stationId, capacity]))
  for (const station of status.stations) {
    const capacity = capacities.get(station.stationId) ?? 0
    const holds = heldBy(station)
    // A capacity of 0 is an oddity of its own.
    if (capacity > 0 && holds > capacity && !information.elasticIds.has(station.stationId))
      note(
        'capacity-exceeded',
        `station ${station.stationId}: ${holds} vehicles and docks, capacity ${capacity}`,
      )
  }
  return found()
}

/** Ids that are written alike, but of which it is not clear which are the same. */
const noteSimilarIds = (
  information: ReadonlySet<string>,
  status: ReadonlySet<string>,
  note: NoteOddity,
): void => {
  const strangers = new Map(without(information, status).map((stationId) => [foldedId(stationId), stationId]))
  for (const stationId of without(status, information)) {
    const similar = strangers.get(foldedId(stationId))
    if (similar !== undefined)
      note('similar-station-ids', `${similar} in station_information, ${stationId} in station_status`)
  }
}

const heldBy = ({ bikes, docks, bikesDisabled, docksDisabled }: ReportedStatus): number =>
  bikes + (docks ?? 0) + bikesDisabled + docksDisabled

const without = (ids: ReadonlySet<string>, others: ReadonlySet<string>): string[] =>
  [...ids].filter((stationId) => !others.has(stationId))
