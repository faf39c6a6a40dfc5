import type { StationInformation } from '@velocast/schemas'
import { type NoteOddity, shown } from './collect-oddities.ts'
import { readCount, toNumber } from './read-count.ts'
import { isObject, type JsonObject } from './read-envelope.ts'
import { readFlag } from './read-flag.ts'
import { readId } from './read-station-id.ts'
import {
  type DocumentContext,
  type EntryContext,
  readStations,
  type StationsReading,
} from './read-stations.ts'
import { readText } from './read-text.ts'
import { Impossible } from './rejection.ts'
import { isAbsent } from './specified-names.ts'

/** What the feed itself says of one station. */
export type StationFacts = Omit<StationInformation, 'systemId' | 'polledAt'>

/** Of two entries of a station the one further down counts. */
export interface InformationReading extends StationsReading<StationFacts> {
  /** Stations that may hold more than their capacity: virtual ones, and those where staff park by hand. */
  elasticIds: ReadonlySet<string>
}

/** Reads `station_information` of any GBFS version. Throws a FeedError when it is not such a document. */
export const readStationInformation = (document: unknown, context: DocumentContext): InformationReading => {
  const elasticIds = new Set<string>()
  const reading = readStations<StationFacts>(document, context, {
    read: (entry, station) => {
      const facts = readFacts(entry, station, context.language)
      if (facts instanceof Impossible) return facts
      if (facts.isVirtual || isValet(entry, station)) elasticIds.add(facts.stationId)
      return facts
    },
    prefer: (_, later) => later,
  })
  return { ...reading, elasticIds }
}

const isValet = (entry: JsonObject, { major, note }: EntryContext): boolean =>
  readFlag(entry.is_valet_station, { field: 'is_valet_station', major, absent: false, note })

const readFacts = (
  entry: JsonObject,
  { stationId, major, note }: EntryContext,
  language: string | undefined,
): StationFacts | Impossible => {
  const position = readPosition(entry, note)
  if (position instanceof Impossible) return position
  const name = readText(entry.name, { field: 'name', major, language, note })
  if (name === null) note('name-missing', `name is ${shown(entry.name)}`)
  return {
    stationId,
    name: name ?? stationId,
    ...position,
    capacity: readCapacity(entry.capacity, note),
    isVirtual: readFlag(entry.is_virtual_station, {
      field: 'is_virtual_station',
      major,
      absent: false,
      note,
    }),
    // Not ours to judge: it is only passed on.
    regionId: readId(entry.region_id, 'region_id', () => {}),
  }
}

const readPosition = (
  entry: JsonObject,
  note: NoteOddity,
): { latitude: number; longitude: number } | Impossible => {
  const place = placeOf(entry, note)
  const latitude = readCoordinate(place, ['lat', 'latitude'], note)
  const longitude = readCoordinate(place, ['lon', 'lng', 'longitude'], note)
  // Nobody has a station at 0° N 0° E: it is what an absent position looks like in many a database.
  const isSomewhere = latitude !== 0 || longitude !== 0
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && isSomewhere
    ? { latitude, longitude }
    : new Impossible('position-missing', `lat is ${shown(entry.lat)}, lon is ${shown(entry.lon)}`)
}

/** Where latitude and longitude are: in the entry, or together in one of its fields. */
const placeOf = (entry: JsonObject, note: NoteOddity): JsonObject => {
  if (!isAbsent(entry.lat) || !isAbsent(entry.latitude)) return entry
  const field = PLACES.find((name) => typeof entry[name] === 'object' && entry[name] !== null)
  if (field === undefined) return entry
  const place = entry[field]
  note('position-under-another-name', `${field} holds it`)
  if (Array.isArray(place)) return { lat: place[0], lon: place[1] }
  if (!isObject(place)) return entry
  const { coordinates } = place
  // GeoJSON has the longitude first.
  return Array.isArray(coordinates) ? { lat: coordinates[1], lon: coordinates[0] } : place
}

/** Of Paris's open data, latitude first where it is a list; and what others call it. */
const PLACES = ['coordonnees_geo', 'position', 'location'] as const

/** Under the first of these names that is there. */
const readCoordinate = (entry: JsonObject, names: readonly string[], note: NoteOddity): number => {
  const [specified = ''] = names
  const name = names.find((each) => !isAbsent(entry[each])) ?? specified
  const degrees = toNumber(withPoint(entry[name]), name, note)
  if (name !== specified && Number.isFinite(degrees))
    note('position-under-another-name', `${name} is ${shown(entry[name])}`)
  return degrees
}

/** Half of Europe writes 59,9. */
const withPoint = (value: unknown): unknown =>
  typeof value === 'string' && /^\s*[+-]?\d+,\d+\s*$/.test(value) ? value.replace(',', '.') : value

/** A station whose capacity cannot be true is still a station. */
const readCapacity = (value: unknown, note: NoteOddity): number | null => {
  const capacity = readCount(value, 'capacity', note)
  if (capacity instanceof Impossible) {
    note('capacity-implausible', capacity.detail)
    return null
  }
  if (capacity === null) note('capacity-missing', `capacity is ${shown(value)}`)
  if (capacity === 0) note('capacity-zero', 'capacity is 0')
  return capacity
}
