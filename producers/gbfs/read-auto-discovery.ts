import { FeedError } from '../feed-error.ts'
import { isObject, type JsonObject } from './read-envelope.ts'

/** Where an operator's feeds are. */
export interface FeedAddresses {
  stationStatus: string
  stationInformation: string
  vehicleTypes: string | null
}

/**
 * Reads `gbfs.json` of any version: feeds under a language (1.x, 2.x; English is taken, else the first), or directly
 * under `data` (3.x). Addresses that are relative are taken as relative to `address`. Throws a FeedError when there
 * are no station feeds in it.
 */
export const readAutoDiscovery = (document: unknown, address: string): FeedAddresses => {
  const found = new Map<string, string>()
  for (const feed of listedFeeds(document)) {
    if (typeof feed.name !== 'string' || typeof feed.url !== 'string') continue
    if (!found.has(feed.name) && URL.canParse(feed.url, address))
      found.set(feed.name, new URL(feed.url, address).href)
  }
  const stationStatus = found.get('station_status')
  const stationInformation = found.get('station_information')
  if (stationStatus === undefined || stationInformation === undefined)
    throw new FeedError(
      'not-as-specified',
      `gbfs.json names no ${stationStatus === undefined ? 'station_status' : 'station_information'}: it names ${[...found.keys()].join(', ') || 'nothing'}`,
    )
  return { stationStatus, stationInformation, vehicleTypes: found.get('vehicle_types') ?? null }
}

const listedFeeds = (document: unknown): JsonObject[] => {
  const data = isObject(document) && isObject(document.data) ? document.data : {}
  if (Array.isArray(data.feeds)) return data.feeds.filter(isObject)
  const languages = Object.keys(data).sort((a, b) => Number(isEnglish(b)) - Number(isEnglish(a)))
  return languages.flatMap((language) => {
    const block = data[language]
    return isObject(block) && Array.isArray(block.feeds) ? block.feeds.filter(isObject) : []
  })
}

const isEnglish = (language: string): boolean => /^en\b/i.test(language)
