import type { StationStatus } from '@velocast/schemas'
import { countOddities, type NoteOddity, type OddityCounts } from './oddity.ts'
import { readCount } from './read-count.ts'
import { isObject, type JsonObject, readEnvelope, readList } from './read-envelope.ts'
import { readFlag } from './read-flag.ts'
import { readMoment } from './read-moment.ts'
import { readStationId } from './read-station-id.ts'
import { Impossible, type StationRejection } from './rejection.ts'

/** What the feed itself says of one station: the rest of a StationStatus is known from elsewhere. */
export type ReportedStatus = Omit<
  StationStatus,
  'systemId' | 'polledAt' | 'capacity' | 'latitude' | 'longitude' | 'origin'
>

export interface StatusReading {
  /** The feed's `last_updated`, epoch milliseconds, never later than the poll; null where it says none. */
  feedUpdatedAt: number | null
  /** Entries in the document, duplicates and rejected ones included. */
  listed: number
  /** One a station: the last usable entry wins. */
  stations: ReportedStatus[]
  rejected: StationRejection[]
  oddities: OddityCounts
}

/** A station's clock may run ahead of ours by so much before we stop believing it. */
const CLOCK_SKEW_MS = 5 * 60_000

/**
 * Reads `station_status` of any GBFS version. Lenient in form, strict in numbers: a station whose counts cannot be
 * true is rejected with the reason, and the others go on. Throws a FeedError when it is not such a document.
 *
 * `electricTypes` are the vehicle types that count as e-bikes, where the operator publishes counts by type.
 */
export const readStationStatus = (
  document: unknown,
  { polledAt, electricTypes }: { polledAt: number; electricTypes?: ReadonlySet<string> | null },
): StatusReading => {
  const { counts, note } = countOddities()
  const { feedUpdatedAt, data } = readEnvelope(document, polledAt, note)
  const entries = readList(data, 'stations')
  const stations = new Map<string, ReportedStatus>()
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
    const status = readStation(entry, {
      stationId,
      observedAt: feedUpdatedAt ?? polledAt,
      polledAt,
      electricTypes,
      note,
    })
    if (status instanceof Impossible) {
      rejected.push({ stationId, rule: status.rule, detail: status.detail })
      continue
    }
    if (stations.has(stationId)) note('duplicate-station')
    stations.set(stationId, status)
  }
  return {
    feedUpdatedAt,
    listed: entries.length,
    stations: [...stations.values()],
    rejected,
    oddities: counts,
  }
}

interface Reading {
  stationId: string
  observedAt: number
  polledAt: number
  electricTypes: ReadonlySet<string> | null | undefined
  note: NoteOddity
}

const readStation = (entry: JsonObject, reading: Reading): ReportedStatus | Impossible => {
  const { stationId, observedAt, note } = reading
  const bikes = readBikes(entry, note)
  if (bikes instanceof Impossible) return bikes
  const ebikes = readEbikes(entry, reading)
  if (ebikes instanceof Impossible) return ebikes
  const docks = readCount(entry.num_docks_available, 'num_docks_available', note)
  if (docks instanceof Impossible) return docks
  const bikesDisabled = readCount(
    entry.num_bikes_disabled ?? entry.num_vehicles_disabled,
    'num_bikes_disabled',
    note,
  )
  if (bikesDisabled instanceof Impossible) return bikesDisabled
  const docksDisabled = readCount(entry.num_docks_disabled, 'num_docks_disabled', note)
  if (docksDisabled instanceof Impossible) return docksDisabled
  if (docks === null) note('docks-missing')
  const isPlausible = ebikes === null || ebikes <= bikes
  if (!isPlausible) note('more-ebikes-than-bikes')
  return {
    stationId,
    observedAt,
    reportedAt: readReportedAt(entry.last_reported, reading),
    bikes,
    ebikes: isPlausible ? ebikes : null,
    docks,
    bikesDisabled: bikesDisabled ?? 0,
    docksDisabled: docksDisabled ?? 0,
    isInstalled: readFlag(entry.is_installed, true, note),
    isRenting: readFlag(entry.is_renting, true, note),
    isReturning: readFlag(entry.is_returning, true, note),
  }
}

/** `num_bikes_available` to 2.x, `num_vehicles_available` from 3.0; both where an operator serves both. */
const readBikes = (entry: JsonObject, note: NoteOddity): number | Impossible => {
  const bikes = readCount(
    entry.num_bikes_available ?? entry.num_vehicles_available,
    'num_bikes_available',
    note,
  )
  return bikes ?? new Impossible('no-bikes', 'num_bikes_available is missing')
}

const readEbikes = (entry: JsonObject, { electricTypes, note }: Reading): number | null | Impossible => {
  if (entry.num_ebikes_available !== undefined)
    return readCount(entry.num_ebikes_available, 'num_ebikes_available', note)
  if (electricTypes && Array.isArray(entry.vehicle_types_available))
    return sumCounts(
      entry.vehicle_types_available.filter(
        (type): type is JsonObject => isObject(type) && electricTypes.has(String(type.vehicle_type_id)),
      ),
      'count',
      note,
    )
  // Smovengo (Paris): a list of objects with one key each.
  if (Array.isArray(entry.num_bikes_available_types))
    return sumCounts(
      entry.num_bikes_available_types.filter((type): type is JsonObject => isObject(type) && 'ebike' in type),
      'ebike',
      note,
    )
  return null
}

const sumCounts = (
  entries: readonly JsonObject[],
  field: string,
  note: NoteOddity,
): number | null | Impossible => {
  let sum = 0
  for (const entry of entries) {
    const count = readCount(entry[field], `${field} of a vehicle type`, note)
    if (count instanceof Impossible) return count
    sum += count ?? 0
  }
  return sum
}

const readReportedAt = (value: unknown, { polledAt, note }: Reading): number | null => {
  if (value === undefined || value === null) return null
  const reportedAt = readMoment(value, note)
  if (reportedAt !== null && reportedAt <= polledAt + CLOCK_SKEW_MS) return Math.min(reportedAt, polledAt)
  note('last-reported-implausible')
  return null
}
