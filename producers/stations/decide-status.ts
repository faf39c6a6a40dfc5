import type { TopicRecord } from '@velocast/kafka'
import { topics } from '@velocast/schemas'
import type { StationFacts } from '../gbfs/read-station-information.ts'
import { validatorsOf } from '../http/validators.ts'
import type { PollReport } from '../job.ts'
import { failedReport, openPoll, reportOf } from '../poll-report.ts'
import type { StationPoll } from './decide-station-poll.ts'
import { silentAmong } from './feed-differences.ts'
import { STATUS_FEED, type StationCursor } from './station-cursor.ts'
import { prolonged, validityOf } from './validity.ts'

/** A status that is older than this is worth asking for, whatever its operator says. */
const VALID_AT_MOST_MS = 60 * 60_000
/** Producers that are woken for the same moment poll within this. */
const TWINS_WITHIN_MS = 60_000

/** Publishes every station where the feed has moved on. */
export const decideStatus = (
  { systemId, polledAt, dueAt, status }: StationPoll,
  { status: cursor, information }: StationCursor,
): { records: TopicRecord[]; skipped: number; cursor: StationCursor['status']; report: PollReport } => {
  const poll = openPoll(systemId, STATUS_FEED, polledAt, status.latencyMs)
  const atMostMs = VALID_AT_MOST_MS
  if (status.kind === 'failed')
    return {
      records: [],
      skipped: 0,
      cursor,
      // The watermark stays in the newest poll, whatever came of it: a restart reads no further back.
      report: failedReport({ ...poll, feedUpdatedAt: cursor.updatedAt }, status.error),
    }
  if (status.kind === 'unchanged')
    return {
      records: [],
      skipped: 0,
      cursor: { ...cursor, ...prolonged(cursor, { polledAt, freshForMs: status.freshForMs, atMostMs }) },
      report: reportOf({ ...poll, outcome: 'UNCHANGED', feedUpdatedAt: cursor.updatedAt }),
    }
  const { reading } = status
  const validity = validityOf({ polledAt, ttlMs: reading.ttlMs, freshForMs: status.freshForMs, atMostMs })
  const { feedUpdatedAt, stations, rejected, oddities } = reading
  const seen = {
    ...poll,
    stations: reading.listed,
    rejected: rejected.length,
    oddities,
    version: reading.declaredVersion,
    fields: reading.fields,
  }
  // A feed that steps back serves an older copy, which some caches do: nothing new in it either.
  const hasMovedOn = feedUpdatedAt === null || cursor.updatedAt === null || feedUpdatedAt > cursor.updatedAt
  if (!hasMovedOn)
    return {
      records: [],
      skipped: stations.length,
      cursor: { ...cursor, ...validatorsOf(status), ...validity },
      report: {
        poll: { ...seen, outcome: 'UNCHANGED', feedUpdatedAt: cursor.updatedAt },
        failure: null,
        rejected,
      },
    }
  const undatedObservedAt = momentOfUndated(polledAt, dueAt)
  const records = stations.map((station): TopicRecord => {
    const facts = factsOf(station.stationId, polledAt, information)
    return {
      topic: topics.stationStatus,
      value: {
        systemId,
        ...station,
        observedAt: feedUpdatedAt === null ? undatedObservedAt : station.observedAt,
        polledAt,
        capacity: facts?.capacity ?? null,
        latitude: facts?.latitude ?? null,
        longitude: facts?.longitude ?? null,
        origin: 'REPORTED',
      },
    }
  })
  return {
    records,
    skipped: 0,
    cursor: { updatedAt: feedUpdatedAt ?? cursor.updatedAt, ...validatorsOf(status), ...validity },
    report: {
      poll: {
        ...seen,
        outcome: 'PUBLISHED',
        feedUpdatedAt,
        published: records.length,
        // The log remembers stations that are gone for good: only the operator's own list says who is missing.
        missingStations: silentAmong(information.listed, reading.stationIds),
      },
      failure: null,
      rejected,
    },
  }
}

/**
 * The moment of a document that names none: that for which it was polled, so that two producers by mistake name the same
 * one; or that of the poll, where it was due long before.
 */
const momentOfUndated = (polledAt: number, dueAt: number | null | undefined): number =>
  dueAt != null && dueAt <= polledAt && polledAt - dueAt < TWINS_WITHIN_MS ? dueAt : polledAt

/** What was known of a station when the poll began: a back-fill must not learn from the log what came later. */
const factsOf = (
  stationId: string,
  polledAt: number,
  { listed, published }: StationCursor['information'],
): StationFacts | undefined => {
  const facts = listed?.get(stationId)
  if (facts) return facts
  const last = published.get(stationId)
  return last && last.polledAt <= polledAt ? last : undefined
}
