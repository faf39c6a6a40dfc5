import type { System } from '@velocast/runtime'
import { FeedError } from '../feed-error.ts'
import { readAutoDiscovery } from '../gbfs/read-auto-discovery.ts'
import { readElectricTypes } from '../gbfs/read-electric-types.ts'
import type { RequestJson } from '../http/request-json.ts'
import { readFeed } from '../read-feed.ts'
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
  const found = await readFeed(request, gbfs, { at: now }, (document) =>
    readAutoDiscovery(document, gbfs, { language }),
  )
  if (found.kind !== 'read') {
    if (known) return known
    return found.kind === 'failed'
      ? found.error
      : new FeedError('not-as-specified', 'gbfs.json answers "not modified" to a first request')
  }
  const feeds = found.reading
  if (feeds.vehicleTypes === null) return { feeds, electricTypes: null, readAt: now }
  const types = await readFeed(request, feeds.vehicleTypes, { at: now }, readElectricTypes)
  return {
    feeds,
    electricTypes: types.kind === 'read' ? types.reading : (known?.electricTypes ?? null),
    // Without the types e-bikes are not counted: asked for again at the next poll.
    readAt: types.kind === 'read' ? now : 0,
  }
}

/** Where a feed fails, its address may have changed: gbfs.json is read again at the next poll. */
export const toBeRead = (discovery: Discovery): Discovery => ({ ...discovery, readAt: 0 })
