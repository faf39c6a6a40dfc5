import type { System } from '@velocast/runtime'
import { FeedError } from '../feed-error.ts'
import { findFeeds } from '../gbfs/find-feeds.ts'
import type { RequestJson } from '../http/request-json.ts'
import { documentReader } from '../read-feed.ts'
import type { Discovery } from './station-cursor.ts'

/** Operators move their feeds rarely. */
const DISCOVERY_EVERY_MS = 24 * 60 * 60_000

/**
 * Where the feeds of `gbfs.json` are, and which vehicle types have a motor. What is known is kept for a day, and for
 * longer where gbfs.json cannot be read: a FeedError is returned only when nothing is known.
 */
export const discoverFeeds = async (
  request: RequestJson,
  { gbfs, language }: Pick<System, 'gbfs' | 'language'>,
  now: number,
  known: Discovery | null,
): Promise<Discovery | FeedError> => {
  if (known && now - known.readAt < DISCOVERY_EVERY_MS) return known
  const found = await findFeeds(documentReader(request, now), gbfs, language)
  if (found instanceof FeedError) return known ?? found
  const { feeds, electricTypes } = found
  const isWhole = !(electricTypes instanceof FeedError)
  return {
    feeds,
    electricTypes: isWhole ? electricTypes : (known?.electricTypes ?? null),
    // Without the types e-bikes are not counted: asked for again at the next poll.
    readAt: isWhole ? now : 0,
  }
}

/** Where a feed fails, its address may have changed: gbfs.json is read again at the next poll. */
export const toBeRead = (discovery: Discovery): Discovery => ({ ...discovery, readAt: 0 })
