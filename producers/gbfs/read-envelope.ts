import { FeedError } from '../feed-error.ts'
import type { NoteOddity } from './oddity.ts'
import { readMoment } from './read-moment.ts'

export interface Envelope {
  /** The feed's `last_updated`, epoch milliseconds, never later than the poll; null where it says none. */
  feedUpdatedAt: number | null
  data: Record<string, unknown>
}

export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Opens a GBFS document of any version. Throws a FeedError when it is none. */
export const readEnvelope = (document: unknown, polledAt: number, note: NoteOddity): Envelope => {
  if (!isObject(document) || !isObject(document.data))
    throw new FeedError('not-as-specified', 'the document is not GBFS: it has no "data"')
  return { feedUpdatedAt: readFeedUpdatedAt(document, polledAt, note), data: document.data }
}

/** The entries of one of the envelope's lists. Throws a FeedError when there is no such list. */
export const readList = (data: JsonObject, name: string): readonly unknown[] => {
  const list = data[name]
  if (!Array.isArray(list)) throw new FeedError('not-as-specified', `the document has no list "data.${name}"`)
  return list
}

const readFeedUpdatedAt = (document: JsonObject, polledAt: number, note: NoteOddity): number | null => {
  // Smovengo (Paris) writes lastUpdatedOther.
  const other = document.lastUpdatedOther ?? document.lastUpdated
  if (document.last_updated === undefined && other !== undefined) note('last-updated-under-another-name')
  const updatedAt = readMoment(document.last_updated ?? other, note)
  if (updatedAt === null) {
    note('last-updated-missing')
    return null
  }
  if (updatedAt <= polledAt) return updatedAt
  note('last-updated-in-the-future')
  return polledAt
}
