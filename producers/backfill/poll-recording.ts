import type { TopicRecord } from '@velocast/kafka'
import type { RecordedDocument } from '@velocast/recordings'
import type { FeedPoll, StationInformation } from '@velocast/schemas'
import { FeedError } from '../feed-error.ts'
import { readElectricTypes } from '../gbfs/read-electric-types.ts'
import { type InformationReading, readStationInformation } from '../gbfs/read-station-information.ts'
import { readStationStatus } from '../gbfs/read-station-status.ts'
import type { FeedReading } from '../read-feed.ts'
import { decideStationPoll } from '../stations/decide-station-poll.ts'
import { type StationCursor, stationCursorFrom } from '../stations/station-cursor.ts'

export interface RecordedPoll {
  records: TopicRecord[]
  polls: FeedPoll[]
  /** Stations whose entries could not be used. */
  rejected: number
}

export interface RecordingPoller {
  /** Takes note of what the stations are; published with the next poll. */
  learn: (document: RecordedDocument) => void
  /** A recorded status as the poll that it would have been; null when it cannot be read as one. */
  poll: (document: RecordedDocument) => RecordedPoll | null
  /** A poll that the log holds already. */
  passOver: (document: RecordedDocument) => void
}

/**
 * Recorded documents through the decisions of the live producer: the log cannot be told from that of a producer that was
 * there. A poll's moment is that of its document. Where the recording does not say what the stations are, what the log
 * knows of them now holds for all of it.
 */
export const pollRecording = (
  systemId: string,
  published: ReadonlyMap<string, StationInformation>,
): RecordingPoller => {
  let cursor: StationCursor = stationCursorFrom(published, null)
  let information: FeedReading<InformationReading> | null = null
  let electricTypes: ReadonlySet<string> | null = null

  const poll = ({ recordedAt, document }: RecordedDocument): RecordedPoll | null => {
    const reading = unlessUnusable(() => readStationStatus(document, { polledAt: recordedAt, electricTypes }))
    if (reading === null) return null
    if (information === null && cursor.information.listed === null && published.size > 0)
      cursor = { ...cursor, information: { ...cursor.information, listed: published } }
    const status = { kind: 'read', reading, etag: null, latencyMs: 0 } as const
    const decision = decideStationPoll({ systemId, polledAt: recordedAt, status, information }, cursor)
    cursor = decision.cursor
    information = null
    return {
      records: decision.records,
      polls: decision.reports.map((report) => report.poll),
      rejected: reading.rejected.length,
    }
  }

  return {
    learn({ kind, recordedAt, document }) {
      const polledAt = Number.isFinite(recordedAt) ? recordedAt : Number.MAX_SAFE_INTEGER
      if (kind === 'vehicle-types') electricTypes = unlessUnusable(() => readElectricTypes(document))
      if (kind !== 'information') return
      const reading = unlessUnusable(() => readStationInformation(document, { polledAt }))
      if (reading) information = { kind: 'read', reading, etag: null, latencyMs: 0 }
    },
    poll,
    passOver(document) {
      // The facts became known with that poll, not with a later one.
      if (information) poll(document)
    },
  }
}

const unlessUnusable = <T>(read: () => T): T | null => {
  try {
    return read()
  } catch (error) {
    if (error instanceof FeedError) return null
    throw error
  }
}
