import { momentOf } from './moment-of.ts'

export type RecordedKind = 'status' | 'information' | 'vehicle-types' | 'system'

/** A GBFS document as it was recorded, of any version; rows of CSV are brought into this form, too. */
export interface RecordedDocument {
  kind: RecordedKind
  /** Its `last_updated` or the time of its rows, epoch milliseconds; minus infinity for facts that do not say since when. */
  recordedAt: number
  document: { last_updated?: unknown; ttl?: unknown; version?: unknown; data: Record<string, unknown> }
}

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a parsed document is of; null when it is nothing that a recording needs, or a status that does not say when. */
export const recordedDocument = (parsed: unknown): RecordedDocument | null => {
  if (!isFields(parsed) || !isFields(parsed.data)) return null
  const kind = kindOf(parsed.data)
  // Smovengo (Paris) writes lastUpdatedOther.
  const recordedAt = momentOf(parsed.last_updated ?? parsed.lastUpdatedOther)
  if (kind === null || (kind === 'status' && recordedAt === null)) return null
  return {
    kind,
    recordedAt: recordedAt ?? Number.NEGATIVE_INFINITY,
    document: parsed as RecordedDocument['document'],
  }
}

const kindOf = (data: Fields): RecordedKind | null => {
  if (typeof data.timezone === 'string') return 'system'
  if (Array.isArray(data.vehicle_types)) return 'vehicle-types'
  if (!Array.isArray(data.stations)) return null
  return data.stations.some((station) => isFields(station) && 'lat' in station) ? 'information' : 'status'
}

/** The entries of a status or information document. */
export const stationsIn = ({ document }: RecordedDocument): unknown[] =>
  Array.isArray(document.data.stations) ? document.data.stations : []
