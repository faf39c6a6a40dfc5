import { FeedError } from '../feed-error.ts'
import { type DiscoveryReading, readAutoDiscovery } from './read-auto-discovery.ts'
import { readElectricTypes } from './read-electric-types.ts'
import { isObject } from './read-envelope.ts'

/** Asks for a document and reads it; what is wrong with it is a value. */
export type ReadDocument = <T>(address: string, reader: (document: unknown) => T) => Promise<T | FeedError>

export interface FoundFeeds {
  feeds: DiscoveryReading
  /** Vehicle types with a motor; null where the operator publishes no types, a FeedError where they cannot be read. */
  electricTypes: ReadonlySet<string> | null | FeedError
}

/** Where an operator's feeds are, and what else must be known to read them: by this, producers and checks read alike. */
export const findFeeds = async (
  read: ReadDocument,
  address: string,
  language: string | undefined,
): Promise<FoundFeeds | FeedError> => {
  const feeds = await read(address, (document) => readAutoDiscovery(document, address, { language }))
  if (feeds instanceof FeedError) return feeds
  const [version, electricTypes] = await Promise.all([
    feeds.version ?? versionFromList(read, feeds, address),
    feeds.vehicleTypes === null ? null : read(feeds.vehicleTypes, readElectricTypes),
  ])
  return { feeds: { ...feeds, version }, electricTypes }
}

/** For feeds whose gbfs.json does not name its version: what `gbfs_versions` says of its address. */
const versionFromList = async (
  read: ReadDocument,
  { versions }: DiscoveryReading,
  address: string,
): Promise<string | null> => {
  if (versions === null) return null
  const listed = await read(versions, (document) =>
    isObject(document) && isObject(document.data) && Array.isArray(document.data.versions)
      ? document.data.versions.filter(isObject)
      : [],
  )
  if (listed instanceof FeedError) return null
  const ours = listed.length === 1 ? listed[0] : listed.find(({ url }) => url === address)
  return typeof ours?.version === 'string' ? ours.version : null
}
