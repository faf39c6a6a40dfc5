/** What station_information and station_status have in common: a list of stations, each of which is used or rejected. */
import { collectOddities, type FoundOddity, type NoteOddity, shown } from './collect-oddities.ts'
import { findStations, type StationEntry } from './find-stations.ts'
import { looksLikeVersion } from './looks-like-version.ts'
import { printable } from './printable.ts'
import { type Envelope, isObject, type JsonObject, readEnvelope } from './read-envelope.ts'
import { readStationId } from './read-station-id.ts'
import { Impossible, type StationRejection } from './rejection.ts'
import { underSpecifiedNames } from './specified-names.ts'

export interface StationsReading<T> {
  /** As the document names it, or gbfs.json; else the first version that has what the document shows. */
  version: string
  /** As the document names it, or gbfs.json; null where neither does. */
  declaredVersion: string | null
  /** Names of the fields that any entry has a value in, sorted; the first 64 of them. */
  fields: string[]
  /** The feed's `last_updated`, epoch milliseconds, never later than the poll; null where it says none. */
  feedUpdatedAt: number | null
  /** For how long the document is valid, as it says itself; null where it says nothing that can be. */
  ttlMs: number | null
  /** Entries in the document, duplicates and rejected ones included. */
  listed: number
  /** Ids in the document, those of rejected stations included. */
  stationIds: ReadonlySet<string>
  /** One a station, in the order of their ids' code units: a replay from the table has them in the same one. */
  stations: T[]
  rejected: StationRejection[]
  /** Rejections included, by the names of the rules. */
  oddities: FoundOddity[]
}

export interface DocumentContext {
  polledAt: number
  /** The version that gbfs.json names, for documents that name none. */
  version?: string | null | undefined
  /** The language wanted of texts for people. */
  language?: string | undefined
}

export interface EntryContext extends Envelope {
  stationId: string
  /** Notes an oddity of this station. */
  note: NoteOddity
}

export interface StationReader<T> {
  read: (entry: JsonObject, context: EntryContext) => T | Impossible
  /** Which of two different entries of a station counts; `later` stands further down. */
  prefer: (earlier: T, later: T) => T
}

/** Ids are keys of topics and tables, whose indices take no more than 2,700 bytes. */
const LONGEST_ID = 200

export const readStations = <T extends { stationId: string }>(
  document: unknown,
  { polledAt, version }: DocumentContext,
  { read, prefer }: StationReader<T>,
): StationsReading<T> => {
  const { note, found } = collectOddities()
  const entries = findStations(document, note)
  const looksLike = () => looksLikeVersion(entries)
  const envelope = readEnvelope(isObject(document) ? document : {}, { polledAt, version, looksLike, note })
  const stations = new Map<string, T>()
  const stationIds = new Set<string>()
  const rejected: StationRejection[] = []

  const reject = (stationId: string, { rule, detail }: Impossible): void => {
    rejected.push({ stationId, rule, detail })
    note(rule, stationId === '' ? detail : `station ${stationId}: ${detail}`)
  }
  const keep = (station: T): void => {
    const earlier = stations.get(station.stationId)
    if (earlier === undefined) stations.set(station.stationId, station)
    else if (isSame(earlier, station))
      note('duplicate-station', `station ${station.stationId} is listed twice`)
    else {
      note('duplicate-station-differs', `station ${station.stationId}: ${difference(earlier, station)}`)
      stations.set(station.stationId, prefer(earlier, station))
    }
  }

  for (const { value, key } of entries) {
    if (!isObject(value)) {
      reject(printable(key ?? ''), new Impossible('entry-unreadable', `the entry is ${shown(value)}`))
      continue
    }
    const stationId = readStationId(value, note, key)
    if (stationId === null) {
      reject('', new Impossible('station-id-missing', `station_id is ${shown(value.station_id)}`))
      continue
    }
    if (stationId.length > LONGEST_ID) {
      const detail = `station_id has ${stationId.length} characters: ${shown(stationId)}`
      reject('', new Impossible('station-id-too-long', detail))
      continue
    }
    stationIds.add(stationId)
    const about: NoteOddity = (rule, example, count) => note(rule, `station ${stationId}: ${example}`, count)
    const station = read(underSpecifiedNames(value, about), { ...envelope, stationId, note: about })
    if (station instanceof Impossible) reject(stationId, station)
    else keep(station)
  }
  noteSimilarIds(stationIds, note)
  return {
    version: envelope.version,
    declaredVersion: envelope.isDeclared ? envelope.version : (version ?? null),
    fields: fieldsOf(entries),
    feedUpdatedAt: envelope.feedUpdatedAt,
    ttlMs: envelope.ttlMs,
    listed: entries.length,
    stationIds,
    stations: [...stations.values()].sort((a, b) => (a.stationId < b.stationId ? -1 : 1)),
    rejected,
    oddities: found(),
  }
}

/** More than any version of GBFS has; a name may be anything, and `feed-polls` keeps them for months. */
const MOST_FIELDS = 64
const FIELD_LENGTH = 64

const fieldsOf = (entries: readonly StationEntry[]): string[] => {
  const names = new Set<string>()
  for (const { value } of entries) {
    if (!isObject(value)) continue
    for (const name in value)
      if (!names.has(name) && value[name] !== null && value[name] !== undefined) names.add(name)
  }
  return [...names]
    .map((name) => name.slice(0, FIELD_LENGTH))
    .sort()
    .slice(0, MOST_FIELDS)
}

const isSame = (one: object, other: object): boolean => difference(one, other) === ''

/** The first field in which two readings of a station differ, in words. */
const difference = (one: object, other: object): string => {
  const theirs = other as JsonObject
  const field = Object.entries(one).find(([name, value]) => theirs[name] !== value)
  return field ? `${field[0]} is ${shown(field[1])}, then ${shown(theirs[field[0]])}` : ''
}

const noteSimilarIds = (stationIds: ReadonlySet<string>, note: NoteOddity): void => {
  const seen = new Map<string, string>()
  for (const stationId of stationIds) {
    const folded = stationId.toLowerCase()
    const similar = seen.get(folded)
    if (similar === undefined) seen.set(folded, stationId)
    else note('similar-station-ids', `${similar} and ${stationId}`)
  }
}
