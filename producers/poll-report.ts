import type { FeedPoll } from '@velocast/schemas'
import type { FeedError } from './feed-error.ts'
import type { PollReport } from './job.ts'

/** A poll of which nothing is known yet: the outcome is filled in. */
export const openPoll = (systemId: string, feed: string, polledAt: number, latencyMs: number): FeedPoll => ({
  systemId,
  feed,
  polledAt,
  feedUpdatedAt: null,
  outcome: 'FAILED',
  stations: 0,
  published: 0,
  rejected: 0,
  missingStations: [],
  latencyMs,
  detail: null,
  oddities: [],
  version: null,
  fields: [],
})

export const reportOf = (poll: FeedPoll): PollReport => ({ poll, failure: null, rejected: [] })

export const failedReport = (poll: FeedPoll, error: FeedError): PollReport => ({
  ...reportOf({ ...poll, outcome: 'FAILED', detail: error.message }),
  failure: error.failure,
})
