/** Recorded GBFS documents of any version, with the liberties that operators take, as the player keeps them. */
import { momentOf, type RecordedDocument, stationsIn } from '@velocast/recordings'
import type { StationProfile } from '../feed/feed-source.ts'
import { ABSENT, FLAGS, type RecordedInformation, type RecordedRow } from './recording.ts'

export type PlayableDocument =
  | { kind: 'status'; rows: RecordedRow[] }
  | { kind: 'information'; information: RecordedInformation }
  | { kind: 'system'; systemId: string | null; name: string | null; timeZone: string | null }
  | { kind: 'other' }

type Fields = Record<string, unknown>

export const readRecordedDocument = (recorded: RecordedDocument): PlayableDocument => {
  const { data } = recorded.document
  if (recorded.kind === 'system')
    return {
      kind: 'system',
      systemId: textOf(data.system_id),
      name: textOf(data.name),
      timeZone: textOf(data.timezone),
    }
  const stations = stationsIn(recorded)
    .map(fieldsOf)
    .filter((station) => textOf(station.station_id) !== null)
  if (recorded.kind === 'status') return { kind: 'status', rows: stations.map(rowOf) }
  if (recorded.kind !== 'information') return { kind: 'other' }
  // A description that does not say since when is as old as can be.
  const recordedAt = Math.max(0, recorded.recordedAt)
  return { kind: 'information', information: { recordedAt, stations: stations.flatMap(profileOf) } }
}

const rowOf = (station: Fields): RecordedRow => ({
  stationId: textOf(station.station_id)!,
  counts: [
    countOf(station.num_vehicles_available ?? station.num_bikes_available),
    countOf(station.num_ebikes_available),
    countOf(station.num_docks_available),
    countOf(station.num_vehicles_disabled ?? station.num_bikes_disabled),
    countOf(station.num_docks_disabled),
  ],
  flags:
    flagOf(station.is_installed, FLAGS.isInstalled) |
    flagOf(station.is_renting, FLAGS.isRenting) |
    flagOf(station.is_returning, FLAGS.isReturning),
  reportedSeconds: Math.floor((momentOf(station.last_reported) ?? 0) / 1000),
})

const profileOf = (station: Fields): StationProfile[] => {
  const latitude = Number(station.lat)
  const longitude = Number(station.lon)
  const capacity = Number(station.capacity ?? 0)
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return []
  const stationId = textOf(station.station_id)!
  const shortName = textOf(station.short_name)
  return [
    {
      stationId,
      name: textOf(station.name) ?? stationId,
      ...(shortName === null ? {} : { shortName }),
      latitude,
      longitude,
      capacity: Number.isFinite(capacity) ? capacity : 0,
    },
  ]
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

/** Text, a number, or the first of 3.0's localized texts. */
const textOf = (value: unknown): string | null => {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  return Array.isArray(value) ? textOf(fieldsOf(value[0]).text) : null
}

const countOf = (value: unknown): number =>
  Number.isInteger(value) && Math.abs(value as number) < 32_768 ? (value as number) : ABSENT

const flagOf = (value: unknown, bit: number): number =>
  value === 0 || value === false || /^f(alse)?$/i.test(String(value)) ? 0 : bit
