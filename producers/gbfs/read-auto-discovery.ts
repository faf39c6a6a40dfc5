import { FeedError } from '../feed-error.ts'
import { collectOddities, type FoundOddity, type NoteOddity, shown } from './collect-oddities.ts'
import { completeAddress } from './complete-address.ts'
import { findStations } from './find-stations.ts'
import { listFeeds } from './list-feeds.ts'
import { isObject } from './read-envelope.ts'
import { readVersion } from './read-version.ts'
import { besideStationFeed, systemBesideStationFeed } from './station-feed-address.ts'

/** Where an operator's feeds are. */
export interface FeedAddresses {
  stationStatus: string
  stationInformation: string
  vehicleTypes: string | null
  /** The version that gbfs.json names: for documents that name none. */
  version: string | null
}

export interface DiscoveryReading extends FeedAddresses {
  systemInformation: string | null
  versions: string | null
  /** Empty from 3.0 on. */
  languages: string[]
  oddities: FoundOddity[]
}

export interface DiscoveryContext {
  /** The one wanted; English, then the first, where there is none in it. */
  language?: string | undefined
}

/**
 * Reads `gbfs.json` of any version: feeds under a language (1.x, 2.x), or directly under `data` (3.x). Addresses that are
 * relative are taken as relative to `address`. A station feed is taken for lack of a gbfs.json, and the other one is
 * looked for beside it. Throws a FeedError when there are no station feeds in it.
 */
export const readAutoDiscovery = (
  document: unknown,
  address: string,
  { language }: DiscoveryContext = {},
): DiscoveryReading => {
  const { note, found } = collectOddities()
  const direct = readStationFeedItself(document, address, note)
  if (direct) return { ...direct, oddities: found() }
  const { feeds, languages } = listFeeds(document, language, note)
  const declared = isObject(document) ? document.version : undefined
  const looksLike = () => (languages.length > 0 ? '1.0' : '3.0')
  const { version, major, isDeclared } = readVersion(declared, { listed: null, looksLike }, note)
  const isByLanguage = languages.length > 0
  if (isDeclared && isByLanguage === (major === 3))
    note('feeds-elsewhere', isByLanguage ? `${version} by language` : `${version} without a language`)
  const addresses = new Map<string, string>()
  for (const { name, url } of feeds) {
    if (addresses.has(name)) continue
    const complete = completeAddress(url, address, (rule, example) => note(rule, `${name}: ${example}`))
    if (complete !== null) addresses.set(name, complete)
  }
  const beside = (wanted: 'station_status' | 'station_information', known: string): string => {
    const address = besideStationFeed(known, wanted)
    note('station-feed-not-listed', `${wanted} is looked for at ${withoutQuery(address)}`)
    return address
  }
  const status = addresses.get('station_status')
  const information = addresses.get('station_information')
  const either = status ?? information
  if (either === undefined) throw noStationFeeds(document, [...addresses.keys()])
  return {
    stationStatus: status ?? beside('station_status', either),
    stationInformation: information ?? beside('station_information', either),
    vehicleTypes: addresses.get('vehicle_types') ?? null,
    systemInformation: addresses.get('system_information') ?? null,
    versions: addresses.get('gbfs_versions') ?? null,
    version: isDeclared ? version : null,
    languages,
    oddities: found(),
  }
}

/** Some operators have no gbfs.json (Vélib'); null for what is no station feed. */
const readStationFeedItself = (
  document: unknown,
  address: string,
  note: NoteOddity,
): Omit<DiscoveryReading, 'oddities'> | null => {
  if (!hasStations(document)) return null
  note('no-auto-discovery', withoutQuery(address))
  return {
    stationStatus: besideStationFeed(address, 'station_status'),
    stationInformation: besideStationFeed(address, 'station_information'),
    vehicleTypes: null,
    systemInformation: systemBesideStationFeed(address),
    versions: null,
    version: null,
    languages: [],
  }
}

const hasStations = (document: unknown): boolean => {
  try {
    return findStations(document, () => {}).length > 0
  } catch {
    return false
  }
}

const noStationFeeds = (document: unknown, names: readonly string[]): FeedError => {
  const datasets = isObject(document) && isObject(document.data) ? document.data.datasets : undefined
  if (Array.isArray(datasets))
    return new FeedError(
      'not-as-specified',
      `it is a manifest of ${datasets.length} systems: give the address of one, such as ${firstAddressIn(datasets)}`,
    )
  return new FeedError(
    'not-as-specified',
    names.length > 0
      ? `gbfs.json names neither station_status nor station_information: it names ${names.join(', ')}`
      : `the document is no gbfs.json and no station feed: ${outline(document)}`,
  )
}

/** What there is instead: many a server answers 200 and says in words why there is no feed. */
const outline = (document: unknown): string => {
  if (!isObject(document)) return `it is ${shown(document)}`
  const { data, error, message } = document
  const words = [error, message].find((each) => typeof each === 'string' && each.trim() !== '')
  if (words !== undefined) return `it says ${shown(words)}`
  if (data !== undefined && !isObject(data)) return `its "data" is ${shown(data)}`
  return `it holds ${
    Object.keys(data ?? document)
      .slice(0, 8)
      .join(', ') || 'nothing'
  }`
}

const firstAddressIn = ([first]: readonly unknown[]): string => {
  const versions = isObject(first) && Array.isArray(first.versions) ? first.versions.filter(isObject) : []
  return (versions.find(({ url }) => typeof url === 'string')?.url as string) ?? 'one that it names'
}

const withoutQuery = (address: string): string => address.replace(/[?#].*$/, '')
