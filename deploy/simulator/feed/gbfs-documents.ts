/** GBFS documents in the words of each version. See https://gbfs.org for the versions' texts. */
import type { FeedSource, StationProfile, StationReport, SystemProfile } from './feed-source.ts'

export type GbfsVersion = '1.1' | '2.3' | '3.0'
export const GBFS_VERSIONS: readonly GbfsVersion[] = ['1.1', '2.3', '3.0']

export type GbfsFeedName =
  | 'gbfs'
  | 'system_information'
  | 'vehicle_types'
  | 'station_information'
  | 'station_status'

/** The feeds beside discovery. Vehicle types came with version 2.1. */
export const feedNamesOf = (version: GbfsVersion): readonly Exclude<GbfsFeedName, 'gbfs'>[] =>
  version === '1.1'
    ? ['system_information', 'station_information', 'station_status']
    : ['system_information', 'vehicle_types', 'station_information', 'station_status']

const LANGUAGE = 'en'
const PEDAL_BIKE = 'pedal'
const EBIKE = 'electric'
/** System information, station information and vehicle types hardly change. */
const SLOW_TTL_SECONDS = 300
const EBIKE_RANGE_METRES = 60_000

interface Envelope {
  lastUpdatedAt: number
  ttlSeconds: number
  version: GbfsVersion
}

const document = ({ lastUpdatedAt, ttlSeconds, version }: Envelope, data: object): object => ({
  last_updated: time(lastUpdatedAt, version),
  ttl: ttlSeconds,
  version,
  data,
})

/** POSIX seconds up to 2.3, RFC 3339 from 3.0 on. */
const time = (at: number, version: GbfsVersion): number | string =>
  version === '3.0' ? new Date(at).toISOString().replace('.000Z', 'Z') : Math.floor(at / 1000)

/** Numbers in 1.x, booleans since 2.0. */
const flag = (value: boolean, version: GbfsVersion): number | boolean =>
  version === '1.1' ? Number(value) : value

/** Plain text up to 2.3, an array by language from 3.0 on. */
const text = (value: string, version: GbfsVersion): unknown =>
  version === '3.0' ? [{ text: value, language: LANGUAGE }] : value

/** Auto-discovery; `address` is that of the folder the feeds are in. */
export const discoveryDocument = (version: GbfsVersion, address: string, lastUpdatedAt: number): object => {
  const path = version === '3.0' ? address : `${address}/${LANGUAGE}`
  const feeds = feedNamesOf(version).map((name) => ({ name, url: `${path}/${name}.json` }))
  const data = version === '3.0' ? { feeds } : { [LANGUAGE]: { feeds } }
  return document({ lastUpdatedAt, ttlSeconds: SLOW_TTL_SECONDS, version }, data)
}

export const systemInformationDocument = (
  version: GbfsVersion,
  system: SystemProfile,
  lastUpdatedAt: number,
): object => {
  const data =
    version === '3.0'
      ? {
          system_id: system.systemId,
          languages: [LANGUAGE],
          name: text(system.name, version),
          opening_hours: '24/7',
          feed_contact_email: 'feeds@example.com',
          timezone: system.timeZone,
        }
      : {
          system_id: system.systemId,
          language: LANGUAGE,
          name: system.name,
          timezone: system.timeZone,
        }
  return document({ lastUpdatedAt, ttlSeconds: SLOW_TTL_SECONDS, version }, data)
}

export const vehicleTypesDocument = (version: GbfsVersion, lastUpdatedAt: number): object =>
  document(
    { lastUpdatedAt, ttlSeconds: SLOW_TTL_SECONDS, version },
    {
      vehicle_types: [
        {
          vehicle_type_id: PEDAL_BIKE,
          form_factor: 'bicycle',
          propulsion_type: 'human',
          name: text('Bike', version),
        },
        {
          vehicle_type_id: EBIKE,
          form_factor: 'bicycle',
          propulsion_type: 'electric_assist',
          max_range_meters: EBIKE_RANGE_METRES,
          name: text('E-bike', version),
        },
      ],
    },
  )

export const stationInformationDocument = (
  version: GbfsVersion,
  stations: readonly StationProfile[],
  lastUpdatedAt: number,
): object =>
  document(
    { lastUpdatedAt, ttlSeconds: SLOW_TTL_SECONDS, version },
    {
      stations: stations.map((station) => ({
        station_id: station.stationId,
        name: text(station.name, version),
        ...(station.shortName === undefined ? {} : { short_name: text(station.shortName, version) }),
        lat: station.latitude,
        lon: station.longitude,
        capacity: station.capacity,
      })),
    },
  )

export const stationStatusDocument = (
  version: GbfsVersion,
  reports: readonly StationReport[],
  lastUpdatedAt: number,
  source: Pick<FeedSource, 'ttlSeconds'>,
): object =>
  document(
    { lastUpdatedAt, ttlSeconds: source.ttlSeconds, version },
    { stations: reports.map((report) => stationStatus(version, report)) },
  )

/** What a source does not know is left out of the document; JSON leaves `undefined` out by itself. */
const stationStatus = (version: GbfsVersion, report: StationReport): object => {
  const ebikes = report.ebikes ?? undefined
  const vehicle = version === '3.0' ? 'vehicles' : 'bikes'
  return {
    station_id: report.stationId,
    [`num_${vehicle}_available`]: report.bikes ?? undefined,
    // Not in any version's text, but in what most operators of e-bikes publish before 3.0.
    ...(version === '3.0' ? {} : { num_ebikes_available: ebikes }),
    ...(version === '1.1' || report.bikes === null || ebikes === undefined
      ? {}
      : {
          vehicle_types_available: [
            { vehicle_type_id: PEDAL_BIKE, count: Math.max(0, report.bikes - ebikes) },
            { vehicle_type_id: EBIKE, count: ebikes },
          ],
        }),
    [`num_${vehicle}_disabled`]: report.bikesDisabled ?? undefined,
    num_docks_available: report.docks ?? undefined,
    num_docks_disabled: report.docksDisabled ?? undefined,
    is_installed: flag(report.isInstalled, version),
    is_renting: flag(report.isRenting, version),
    is_returning: flag(report.isReturning, version),
    last_reported: report.reportedAt === null ? undefined : time(report.reportedAt, version),
  }
}
