import { mergeOddities } from './collect-oddities.ts'
import type { InformationReading } from './read-station-information.ts'

/** What ids of which each document has its own way of writing have in common: 042 and 42, A and a. */
export const foldedId = (stationId: string): string =>
  stationId
    .normalize()
    .toLowerCase()
    .replace(/^0+(?=.)/, '')

/**
 * Information about stations under the ids by which they report. An id that is written differently is joined where it can be
 * but one: history is kept by the id of the status, so it is the information that follows. `reporting` are the ids of the status,
 * then those by which stations were known before: of these sets, the first that has an id like it decides.
 */
export const joinStationIds = (
  information: InformationReading,
  ...reporting: readonly ReadonlySet<string>[]
): InformationReading => {
  const listed = Map.groupBy(information.stationIds, foldedId)
  const others = reporting.map((ids) => Map.groupBy(ids, foldedId))
  const joined = new Map<string, string>()
  for (const [folded, [stationId, ...rivals]] of listed) {
    const alike = others.map((ids) => ids.get(folded)).find((ids) => ids !== undefined)
    const [other, ...moreOthers] = alike ?? []
    if (other === undefined || other === stationId || rivals.length + moreOthers.length > 0) continue
    joined.set(stationId!, other)
  }
  if (joined.size === 0) return information
  const idOf = (stationId: string): string => joined.get(stationId) ?? stationId
  const idsOf = (ids: ReadonlySet<string>): Set<string> => new Set([...ids].map(idOf))
  const [[first, other] = ['', '']] = joined
  return {
    ...information,
    stationIds: idsOf(information.stationIds),
    elasticIds: idsOf(information.elasticIds),
    stations: information.stations
      .map((station) => ({ ...station, stationId: idOf(station.stationId) }))
      .sort((a, b) => (a.stationId < b.stationId ? -1 : 1)),
    oddities: mergeOddities(information.oddities, [
      {
        rule: 'station-ids-joined',
        count: joined.size,
        example: `${first} in station_information, ${other} in station_status`,
      },
    ]),
  }
}
