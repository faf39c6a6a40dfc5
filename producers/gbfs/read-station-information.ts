import type { StationInformation } from '@velocast/schemas'
import { countOddities, type NoteOddity, type OddityCounts } from './oddity.ts'
import { readCount, toNumber } from './read-count.ts'
import { isObject, type JsonObject, readEnvelope, readList } from './read-envelope.ts'
import { readFlag } from './read-flag.ts'
import { readStationId } from './read-station-id.ts'
import { readText } from './read-text.ts'
import { Impossible, type StationRejection } from './rejection.ts'

/** What the feed itself says of one station. */
export type StationFacts = Omit<StationInformation, 'systemId' | 'polledAt'>

export interface InformationReading {
  /** The feed's `last_updated`, epoch milliseconds, never later than the poll; null where it says none. */
  feedUpdatedAt: number | null
  listed: number
  /** One a station: the last usable entry wins. */
  stations: StationFacts[]
  rejected: StationRejection[]
  oddities: OddityCounts
}

/** Reads `station_information` of any GBFS version. Throws a FeedError when it is not such a document. */
export const readStationInformation = (
  document: unknown,
  { polledAt }: { polledAt: number },
): InformationReading => {
  const { counts, note } = countOddities()
  const { feedUpdatedAt, data } = readEnvelope(document, polledAt, note)
  const entries = readList(data, 'stations')
  const stations = new Map<string, StationFacts>()
  const rejected: StationRejection[] = []
  for (const entry of entries) {
    if (!isObject(entry)) {
      rejected.push({ stationId: '', rule: 'not-an-object', detail: `the entry is ${typeof entry}` })
      continue
    }
    const stationId = readStationId(entry.station_id, note)
    if (stationId === null) {
      rejected.push({ stationId: '', rule: 'no-station-id', detail: 'station_id is missing' })
      continue
    }
    const facts = readFacts(entry, stationId, note)
    if (facts instanceof Impossible) {
      rejected.push({ stationId, rule: facts.rule, detail: facts.detail })
      continue
    }
    if (stations.has(stationId)) note('duplicate-station')
    stations.set(stationId, facts)
  }
  return {
    feedUpdatedAt,
    listed: entries.length,
    stations: [...stations.values()],
    rejected,
    oddities: counts,
  }
}

const readFacts = (entry: JsonObject, stationId: string, note: NoteOddity): StationFacts | Impossible => {
  const latitude = toNumber(entry.lat, note)
  const longitude = toNumber(entry.lon, note)
  // Nobody has a station at 0° N 0° E: it is what an absent position looks like in many a database.
  const isSomewhere = latitude !== 0 || longitude !== 0
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && isSomewhere))
    return new Impossible('no-position', `lat is ${entry.lat}, lon is ${entry.lon}`)
  const capacity = readCount(entry.capacity, 'capacity', note)
  if (capacity instanceof Impossible) return capacity
  const name = readText(entry.name)
  if (name === null) note('name-missing')
  return {
    stationId,
    name: name ?? stationId,
    latitude,
    longitude,
    capacity,
    isVirtual: readFlag(entry.is_virtual_station, false, note),
    regionId: readStationId(entry.region_id, () => {}),
  }
}
