/** A small operator as each version of GBFS would have it, without anything odd: what tests then change. */
import { FeedError } from '../../feed-error.ts'
import type { RequestJson } from '../../http/request-json.ts'
import { parseJson } from '../parse-json.ts'

export const VERSIONS = ['1.0', '1.1', '2.0', '2.1', '2.2', '2.3', '3.0', '3.1'] as const
export type Version = (typeof VERSIONS)[number]

// biome-ignore lint/suspicious/noExplicitAny: tests break these documents in every way.
export type AnyJson = any

/** The documents by name, each served under `https://bikes.example/<name>`. */
export type Feed = Record<string, AnyJson>

export const POLLED_AT = Date.UTC(2026, 2, 2, 8, 0, 30)
export const UPDATED_AT = Date.UTC(2026, 2, 2, 8, 0, 0)
export const ADDRESS = 'https://bikes.example/gbfs'
const STATIONS = 6
const FEEDS = ['station_status', 'station_information', 'system_information']

export const isVersion3 = (version: Version): boolean => version.startsWith('3')

/** A moment as the version writes it. */
export const momentOf = (at: number, version: Version): AnyJson =>
  isVersion3(version) ? new Date(at).toISOString() : at / 1000

export const cleanFeed = (version: Version): Feed => {
  const ids = Array.from({ length: STATIONS }, (_, index) => `s${index}`)
  const document = (data: AnyJson): AnyJson => ({
    last_updated: momentOf(UPDATED_AT, version),
    ttl: 60,
    ...(version === '1.0' ? {} : { version }),
    data,
  })
  const feeds = FEEDS.map((name) => ({ name, url: `https://bikes.example/${name}` }))
  return {
    gbfs: document(isVersion3(version) ? { feeds } : { en: { feeds } }),
    system_information: document({
      system_id: 'bikes',
      name: textIn('Bikes', version),
      timezone: 'Europe/Oslo',
      ...(isVersion3(version) ? { languages: ['en'] } : { language: 'en' }),
    }),
    station_information: document({ stations: ids.map((id, index) => information(id, index, version)) }),
    station_status: document({ stations: ids.map((id, index) => status(id, index, version)) }),
  }
}

/** Answers as an operator's server would, through text. */
export const serve =
  (feed: Feed): RequestJson =>
  async (address) => {
    const document = feed[address.replace('https://bikes.example/', '')]
    if (document === undefined) throw new FeedError('refused', `${address} answers 404`)
    const text = JSON.stringify(document)
    return { kind: 'document', document: parseJson(text), etag: null, latencyMs: 0 }
  }

const textIn = (text: string, version: Version): AnyJson =>
  isVersion3(version) ? [{ text, language: 'en' }] : text

const information = (station_id: string, index: number, version: Version): AnyJson => ({
  station_id,
  name: textIn(`Station ${index}`, version),
  lat: 59.9 + index / 100,
  lon: 10.7,
  capacity: 20,
})

const status = (station_id: string, index: number, version: Version): AnyJson => {
  const flag = version.startsWith('1') ? 1 : true
  return {
    station_id,
    [isVersion3(version) ? 'num_vehicles_available' : 'num_bikes_available']: index,
    num_docks_available: 20 - index,
    is_installed: flag,
    is_renting: flag,
    is_returning: flag,
    last_reported: momentOf(UPDATED_AT - 60_000 * (index + 1), version),
  }
}
