import { momentOf } from './moment-of.ts'

export type RecordedKind = 'status' | 'information' | 'vehicle-types' | 'system'

/** A GBFS document as it was recorded, of any version; rows of CSV are brought into this form, too. */
export interface RecordedDocument {
  kind: RecordedKind
  /**
   * Its `last_updated`, the time of its rows, or the newest report in it, epoch milliseconds; minus infinity for facts that do
   * not say since when.
   */
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
  const updatedAt = momentOf(parsed.last_updated ?? parsed.lastUpdatedOther)
  const recordedAt = updatedAt ?? (kind === 'status' ? newestReport(parsed.data) : null)
  if (kind === null || (kind === 'status' && recordedAt === null)) return null
  return {
    kind,
    recordedAt: recordedAt ?? Number.NEGATIVE_INFINITY,
    document: parsed as RecordedDocument['document'],
  }
}

/** Where a status does not say when it is of, the newest report in it is the moment that it cannot be before. */
const newestReport = ({ stations }: Fields): number | null => {
  const reports = (stations as unknown[]).flatMap((station) =>
    isFields(station) ? (momentOf(station.last_reported) ?? []) : [],
  )
  return reports.length > 0 ? reports.reduce((newest, at) => Math.max(newest, at)) : null
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
