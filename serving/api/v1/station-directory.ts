/** The stations of a system as clients see them: those that the operator lists, and those that have reported. */
import type { Knowledge } from '../knowledge.ts'

export interface DirectoryStation {
  stationId: string
  name: string | null
  /** Degrees north and east; null where neither the operator's list nor a report says. */
  latitude: number | null
  longitude: number | null
  /** Docks in all. */
  capacity: number | null
}

/** Ids in ascending order. Stations only ever come, so as many as before are the same as before. */
const sortedIds = new WeakMap<Knowledge, { listed: number; reported: number; ids: readonly string[] }>()

export const stationIdsOf = (knowledge: Knowledge): readonly string[] => {
  const listed = knowledge.stations.size
  const reported = knowledge.vectors.size()
  const known = sortedIds.get(knowledge)
  if (known?.listed === listed && known.reported === reported) return known.ids
  const ids = [
    ...new Set([...knowledge.stations.keys(), ...[...knowledge.vectors.all()].map((row) => row.stationId)]),
  ].sort()
  sortedIds.set(knowledge, { listed, reported, ids })
  return ids
}

export const stationOf = (knowledge: Knowledge, stationId: string): DirectoryStation => {
  const facts = knowledge.stations.get(stationId)
  const position = facts ?? positionIn(knowledge, stationId)
  return {
    stationId,
    name: facts?.name ?? null,
    latitude: position?.latitude ?? null,
    longitude: position?.longitude ?? null,
    capacity: facts?.capacity ?? reportedNumber(knowledge, stationId, 'capacity'),
  }
}

/** A number of the station's newest report by the name of its feature; null where it says nothing. */
export const reportedNumber = (knowledge: Knowledge, stationId: string, name: string): number | null => {
  const { vectors } = knowledge
  const value = vectors.get(stationId)?.vector[vectors.featureNames.indexOf(name)]
  return value === undefined || Number.isNaN(value) ? null : value
}

const positionIn = (knowledge: Knowledge, stationId: string) => ({
  latitude: reportedNumber(knowledge, stationId, 'latitude'),
  longitude: reportedNumber(knowledge, stationId, 'longitude'),
})
