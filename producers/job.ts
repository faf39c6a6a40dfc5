import type { TopicRecord } from '@velocast/kafka'
import type { FeedPoll } from '@velocast/schemas'
import type { FeedFailure } from './feed-error.ts'
import type { StationRejection } from './gbfs/rejection.ts'

/**
 * A unit of work that cron only wakes. What is due, and what has been published already, follows from the cursor,
 * which is rebuilt from the topics after a restart.
 */
export interface Job<C> {
  name: string
  isDue: (state: { now: number; cursor: C }) => boolean
  /** Does what is due once. Never rejects because of a feed: a failed poll is a result. */
  runOnce: (state: { now: number; cursor: C }) => Promise<RunResult<C>>
}

export interface RunResult<C> {
  /** Records published, not counting the poll's own. */
  published: number
  /** Records not published because they are known already. */
  skipped: number
  cursor: C
  reports: PollReport[]
}

/** One poll of one feed, for telemetry: its record, and what is counted besides. */
export interface PollReport {
  poll: FeedPoll
  failure: FeedFailure | null
  rejected: readonly StationRejection[]
}

/** Resolves when the records, and after them the polls that they belong to, are acknowledged. The headers are put on all. */
export type Publish = (
  records: readonly TopicRecord[],
  polls: readonly FeedPoll[],
  headers?: Record<string, string>,
) => Promise<void>
