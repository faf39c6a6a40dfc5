import type { TopicRecord } from '@velocast/kafka'
import { type FeedPoll, type StationInformation, topics } from '@velocast/schemas'
import type { StationFacts } from '../gbfs/read-station-information.ts'
import { validatorsOf } from '../http/validators.ts'
import type { PollReport } from '../job.ts'
import { failedReport, openPoll, reportOf } from '../poll-report.ts'
import type { StationPoll } from './decide-station-poll.ts'
import { INFORMATION_FEED, type StationCursor } from './station-cursor.ts'
import { prolonged, validityOf } from './validity.ts'

const VALID_AT_MOST_MS = 24 * 60 * 60_000

/** Publishes the stations that are new or have changed. */
export const decideInformation = (
  { systemId, polledAt, information }: StationPoll,
  cursor: StationCursor['information'],
): {
  records: TopicRecord[]
  skipped: number
  cursor: StationCursor['information']
  reports: PollReport[]
} => {
  if (information === null) return { records: [], skipped: 0, cursor, reports: [] }
  const poll = openPoll(systemId, INFORMATION_FEED, polledAt, information.latencyMs)
  if (information.kind === 'failed')
    return { records: [], skipped: 0, cursor, reports: [failedReport(poll, information.error)] }
  if (information.kind === 'unchanged') {
    const reports = [reportOf({ ...poll, outcome: 'UNCHANGED', feedUpdatedAt: cursor.updatedAt })]
    const validity = prolonged(cursor, {
      polledAt,
      freshForMs: information.freshForMs,
      atMostMs: VALID_AT_MOST_MS,
    })
    return { records: [], skipped: 0, cursor: { ...cursor, ...validity, polledAt }, reports }
  }
  const { reading } = information
  const changed = reading.stations
    .filter((facts) => !isAsPublished(facts, polledAt, cursor.published.get(facts.stationId)))
    .map((facts): StationInformation => ({ systemId, ...facts, polledAt }))
  const published =
    changed.length === 0
      ? cursor.published
      : new Map([...cursor.published, ...changed.map((station) => [station.stationId, station] as const)])
  const closed: FeedPoll = {
    ...poll,
    outcome: changed.length > 0 ? 'PUBLISHED' : 'UNCHANGED',
    feedUpdatedAt: reading.feedUpdatedAt,
    stations: reading.listed,
    published: changed.length,
    rejected: reading.rejected.length,
    oddities: reading.oddities,
    version: reading.declaredVersion,
    fields: reading.fields,
  }
  return {
    records: changed.map((value) => ({ topic: topics.stationInformation, value })),
    skipped: reading.stations.length - changed.length,
    cursor: {
      polledAt,
      ...validatorsOf(information),
      ...validityOf({
        polledAt,
        ttlMs: reading.ttlMs,
        freshForMs: information.freshForMs,
        atMostMs: VALID_AT_MOST_MS,
      }),
      updatedAt: reading.feedUpdatedAt,
      published,
      listed: new Map(reading.stations.map((facts) => [facts.stationId, facts])),
      unlisted: new Set(),
      silent: new Set(),
    },
    reports: [{ poll: closed, failure: null, rejected: reading.rejected }],
  }
}

/** What was published by a later poll stays: a back-fill must not put an older name or capacity over it. */
const isAsPublished = (
  facts: StationFacts,
  polledAt: number,
  published: StationInformation | undefined,
): boolean => published !== undefined && (published.polledAt > polledAt || isSame(facts, published))

const isSame = (facts: StationFacts, published: StationInformation): boolean =>
  facts.name === published.name &&
  facts.latitude === published.latitude &&
  facts.longitude === published.longitude &&
  facts.capacity === published.capacity &&
  facts.isVirtual === published.isVirtual &&
  facts.regionId === published.regionId
