import type { TopicRecord } from '@velocast/kafka'
import { joinStationIds } from '../gbfs/join-station-ids.ts'
import type { InformationReading } from '../gbfs/read-station-information.ts'
import type { StatusReading } from '../gbfs/read-station-status.ts'
import type { PollReport } from '../job.ts'
import type { FeedReading } from '../read-feed.ts'
import { decideInformation } from './decide-information.ts'
import { decideStatus } from './decide-status.ts'
import { withDifferences } from './feed-differences.ts'
import type { StationCursor } from './station-cursor.ts'

export interface StationPoll {
  systemId: string
  /** When the poll began. */
  polledAt: number
  /** The due moment that it is for; left out where there is none. */
  dueAt?: number | null
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
export const decideStationPoll = (asked: StationPoll, cursor: StationCursor): Decision => {
  const poll = { ...asked, information: underReportedIds(asked, cursor) }
  const information = decideInformation(poll, cursor.information)
  const status = decideStatus(poll, { ...cursor, information: information.cursor })
  return {
    records: [...information.records, ...status.records],
    skipped: information.skipped + status.skipped,
    cursor: {
      ...cursor,
      polledAt: poll.polledAt,
      information: withDifferences(information.cursor, poll.status),
      status: status.cursor,
    },
    reports: [...information.reports, status.report],
  }
}

/** Where no status tells, stations go by the ids by which they are in the log. */
const underReportedIds = (
  { status, information }: StationPoll,
  { information: { published } }: StationCursor,
): StationPoll['information'] => {
  if (information?.kind !== 'read') return information
  const reporting: ReadonlySet<string> = status.kind === 'read' ? status.reading.stationIds : new Set()
  const reading = joinStationIds(information.reading, reporting, new Set(published.keys()))
  return { ...information, reading }
}
