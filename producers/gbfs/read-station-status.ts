import type { StationStatus } from '@velocast/schemas'
import { mergeOddities, shown } from './collect-oddities.ts'
import { readBikes, readDisabledBikes, readDisabledDocks, readDocks, readEbikes } from './read-counts.ts'
import type { JsonObject } from './read-envelope.ts'
import { readFlag } from './read-flag.ts'
import { readMoment } from './read-moment.ts'
import {
  type DocumentContext,
  type EntryContext,
  readStations,
  type StationsReading,
} from './read-stations.ts'
import { Impossible } from './rejection.ts'
import { isAbsent } from './specified-names.ts'

/** What the feed itself says of one station: the rest of a StationStatus is known from elsewhere. */
export type ReportedStatus = Omit<
  StationStatus,
  'systemId' | 'polledAt' | 'capacity' | 'latitude' | 'longitude' | 'origin'
>

/** Of two entries of a station the one with the later report counts, else the one further down. */
export type StatusReading = StationsReading<ReportedStatus>

export interface StatusContext extends DocumentContext {
  /** The vehicle types that count as e-bikes, where the operator publishes counts by type. */
  electricTypes?: ReadonlySet<string> | null | undefined
}

/** A station's clock may run ahead of ours by so much before we stop believing it. */
const CLOCK_SKEW_MS = 5 * 60_000
/** Fewer than these may well have reported in the same second. */
const LEAST_STATIONS_ALIKE = 5

/**
 * Reads `station_status` of any GBFS version. Lenient in form, strict in numbers: a station whose vehicles cannot be so many
 * is rejected with the reason, other counts that cannot be are unknown, and the others go on. Throws a FeedError when it is not such a document.
 */
export const readStationStatus = (document: unknown, context: StatusContext): StatusReading => {
  const reading = readStations(document, context, {
    read: (entry, station) => readStation(entry, station, context),
    prefer: (earlier, later) => ((earlier.reportedAt ?? 0) > (later.reportedAt ?? 0) ? earlier : later),
  })
  return { ...reading, oddities: mergeOddities(reading.oddities, alikeReports(reading.stations)) }
}

const readStation = (
  entry: JsonObject,
  envelope: EntryContext,
  { polledAt, electricTypes }: StatusContext,
): ReportedStatus | Impossible => {
  const { stationId, major, note } = envelope
  const bikes = readBikes(entry, major, note)
  if (bikes instanceof Impossible) return bikes
  const flag = (field: string): boolean => {
    if (isAbsent(entry[field])) note('boolean-missing', `${field} is ${shown(entry[field])}`)
    return readFlag(entry[field], { field, major, absent: true, note })
  }
  return {
    stationId,
    observedAt: envelope.feedUpdatedAt ?? polledAt,
    reportedAt: readReportedAt(entry.last_reported, polledAt, envelope),
    bikes,
    ebikes: readEbikes(entry, { bikes, electricTypes, note }),
    docks: readDocks(entry, note),
    bikesDisabled: readDisabledBikes(entry, major, note),
    docksDisabled: readDisabledDocks(entry, note),
    isInstalled: flag('is_installed'),
    isRenting: flag('is_renting'),
    isReturning: flag('is_returning'),
  }
}

const readReportedAt = (value: unknown, polledAt: number, { major, note }: EntryContext): number | null => {
  const example = `last_reported is ${shown(value)}`
  if (isAbsent(value)) {
    note('last-reported-missing', example)
    return null
  }
  const reportedAt = readMoment(value, { field: 'last_reported', major, note })
  if (reportedAt === null) note('last-reported-implausible', example)
  else if (reportedAt > polledAt + CLOCK_SKEW_MS) note('last-reported-in-the-future', example)
  else return Math.min(reportedAt, polledAt)
  return null
}

const alikeReports = (stations: readonly ReportedStatus[]) => {
  const [first] = stations
  const isAlike =
    first?.reportedAt != null &&
    stations.length >= LEAST_STATIONS_ALIKE &&
    stations.every(({ reportedAt }) => reportedAt === first.reportedAt)
  return isAlike
    ? [
        {
          rule: 'last-reported-all-the-same' as const,
          count: stations.length,
          example: `all ${stations.length} stations report at ${new Date(first.reportedAt!).toISOString()}`,
        },
      ]
    : []
}
