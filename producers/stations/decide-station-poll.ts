import type { TopicRecord } from '@velocast/kafka'
import { type FeedPoll, type StationInformation, topics } from '@velocast/schemas'
import type { InformationReading, StationFacts } from '../gbfs/read-station-information.ts'
import type { StatusReading } from '../gbfs/read-station-status.ts'
import type { PollReport } from '../job.ts'
import { failedReport, openPoll, reportOf } from '../poll-report.ts'
import type { FeedReading } from '../read-feed.ts'
import { INFORMATION_FEED, STATUS_FEED, type StationCursor } from './station-cursor.ts'

export interface StationPoll {
  systemId: string
  /** When the poll began. */
  polledAt: number
  status: FeedReading<StatusReading>
  /** Null where it was not asked for. */
  information: FeedReading<InformationReading> | null
}

export interface Decision {
  records: TopicRecord[]
  skipped: number
  cursor: StationCursor
  reports: PollReport[]
}

/** What a poll adds to the log: information that is new or has changed, and the status where the feed has moved on. */
export const decideStationPoll = (poll: StationPoll, cursor: StationCursor): Decision => {
  const information = decideInformation(poll, cursor.information)
  const status = decideStatus(poll, { ...cursor, information: information.cursor })
  return {
    records: [...information.records, ...status.records],
    skipped: information.skipped + status.skipped,
    cursor: {
      ...cursor,
      polledAt: poll.polledAt,
      information: withUnlisted(information.cursor, poll.status),
      status: status.cursor,
    },
    reports: [...information.reports, status.report],
  }
}

/** Whether a station reports that the newest information does not know, and was not known not to know. */
export const hasStrangers = (
  { stations }: StatusReading,
  { listed, unlisted }: StationCursor['information'],
): boolean => stations.some(({ stationId }) => !listed?.has(stationId) && !unlisted.has(stationId))

const withUnlisted = (
  information: StationCursor['information'],
  status: StationPoll['status'],
): StationCursor['information'] => {
  if (status.kind !== 'read') return information
  const unlisted = status.reading.stations.filter(({ stationId }) => !information.listed?.has(stationId))
  return { ...information, unlisted: new Set(unlisted.map(({ stationId }) => stationId)) }
}

const decideInformation = (
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
    return { records: [], skipped: 0, cursor: { ...cursor, polledAt }, reports }
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
  }
  return {
    records: changed.map((value) => ({ topic: topics.stationInformation, value })),
    skipped: reading.stations.length - changed.length,
    cursor: {
      polledAt,
      etag: information.etag,
      updatedAt: reading.feedUpdatedAt,
      published,
      listed: new Map(reading.stations.map((facts) => [facts.stationId, facts])),
      unlisted: new Set(),
    },
    reports: [{ poll: closed, failure: null, rejected: reading.rejected }],
  }
}

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

const decideStatus = (
  { systemId, polledAt, status }: StationPoll,
  { status: cursor, information }: StationCursor,
): { records: TopicRecord[]; skipped: number; cursor: StationCursor['status']; report: PollReport } => {
  const poll = openPoll(systemId, STATUS_FEED, polledAt, status.latencyMs)
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
      cursor,
      report: reportOf({ ...poll, outcome: 'UNCHANGED', feedUpdatedAt: cursor.updatedAt }),
    }
  const { reading } = status
  const { feedUpdatedAt, stations, rejected, oddities } = reading
  const seen = { ...poll, stations: reading.listed, rejected: rejected.length, oddities }
  // A feed that steps back serves an older copy, which some caches do: nothing new in it either.
  const hasMovedOn = feedUpdatedAt === null || cursor.updatedAt === null || feedUpdatedAt > cursor.updatedAt
  if (!hasMovedOn)
    return {
      records: [],
      skipped: stations.length,
      cursor: { ...cursor, etag: status.etag },
      report: {
        poll: { ...seen, outcome: 'UNCHANGED', feedUpdatedAt: cursor.updatedAt },
        failure: null,
        rejected,
      },
    }
  const records = stations.map((station): TopicRecord => {
    const facts = factsOf(station.stationId, polledAt, information)
    return {
      topic: topics.stationStatus,
      value: {
        systemId,
        ...station,
        polledAt,
        capacity: facts?.capacity ?? null,
        latitude: facts?.latitude ?? null,
        longitude: facts?.longitude ?? null,
        origin: 'REPORTED',
      },
    }
  })
  const present = new Set(stations.map((station) => station.stationId))
  for (const { stationId } of rejected) present.add(stationId)
  const known = information.listed ?? information.published
  return {
    records,
    skipped: 0,
    cursor: { updatedAt: feedUpdatedAt ?? cursor.updatedAt, etag: status.etag },
    report: {
      poll: {
        ...seen,
        outcome: 'PUBLISHED',
        feedUpdatedAt,
        published: records.length,
        missingStations: [...known.keys()].filter((stationId) => !present.has(stationId)),
      },
      failure: null,
      rejected,
    },
  }
}
