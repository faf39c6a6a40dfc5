import { FeedError } from '../feed-error.ts'
import { type NoteOddity, shown } from './collect-oddities.ts'
import { readMoment } from './read-moment.ts'
import { type DocumentVersion, readVersion } from './read-version.ts'

export interface Envelope extends DocumentVersion {
  /** The feed's `last_updated`, epoch milliseconds, never later than the poll; null where it says none. */
  feedUpdatedAt: number | null
  /** For how long the document is valid, as it says itself; null where it says nothing that can be. */
  ttlMs: number | null
  /** Empty where it is no object. */
  data: JsonObject
}

export interface EnvelopeContext {
  polledAt: number
  /** The version that gbfs.json names, for documents that name none. */
  version?: string | null | undefined
  looksLike: () => string
  note: NoteOddity
}

export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const DAY_SECONDS = 86_400
/** The last moment that a Date can be. */
const MOST_MS = 8.64e15
const OTHER_NAMES = ['lastUpdatedOther', 'lastUpdated', 'last_update', 'updated_at'] as const

/** Opens a GBFS document of any version. Throws a FeedError when it is none. */
export const readEnvelope = (
  document: unknown,
  { polledAt, version, looksLike, note }: EnvelopeContext,
): Envelope => {
  if (!isObject(document))
    throw new FeedError('not-as-specified', `the document is not GBFS but ${shown(document)}`)
  const written = readVersion(document.version, { listed: version, looksLike }, note)
  return {
    ...written,
    feedUpdatedAt: readFeedUpdatedAt(document, polledAt, written.major, note),
    ttlMs: readTtlMs(document.ttl, note),
    data: isObject(document.data) ? document.data : {},
  }
}

/** When a document was made, by its own word: epoch milliseconds; null where it says nothing. */
export const updatedAtOf = (document: unknown): number | null =>
  isObject(document) ? readFeedUpdatedAt(document, MOST_MS, 2, () => {}) : null

const readFeedUpdatedAt = (
  document: JsonObject,
  polledAt: number,
  major: 1 | 2 | 3,
  note: NoteOddity,
): number | null => {
  const other = OTHER_NAMES.find((name) => document[name] !== undefined)
  const field = document.last_updated === undefined && other !== undefined ? other : 'last_updated'
  const value = document[field]
  const updatedAt = readMoment(value, { field, major, note })
  if (updatedAt === null) {
    note('last-updated-missing', `${field} is ${shown(value)}`)
    return null
  }
  // Smovengo (Paris) writes lastUpdatedOther.
  if (field !== 'last_updated') note('last-updated-under-another-name', `${field} is ${shown(value)}`)
  if (updatedAt <= polledAt) return updatedAt
  note('last-updated-in-the-future', `${field} is ${new Date(Math.min(updatedAt, MOST_MS)).toISOString()}`)
  return polledAt
}

const readTtlMs = (value: unknown, note: NoteOddity): number | null => {
  if (value === undefined || value === null) {
    note('ttl-missing', `ttl is ${shown(value)}`)
    return null
  }
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= DAY_SECONDS)) {
    note('ttl-implausible', `ttl is ${shown(value)}`)
    return null
  }
  if (typeof value === 'string') note('number-as-text', `ttl is ${shown(value)}`)
  return seconds * 1000
}
