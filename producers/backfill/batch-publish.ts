import type { TopicRecord } from '@velocast/kafka'
import { type FeedPoll, topics } from '@velocast/schemas'
import type { Publish } from '../job.ts'

/**
 * Collects the records of several polls and publishes them together while the next ones are being collected. At most two
 * batches are held: the one under way and the one that fills.
 *
 * A producer sends topic after topic. Status comes last: whoever sees an observation must be able to see the weather that
 * was known then, which in a batch that began with status would all come behind it.
 */
export const batchPublish = (
  publish: Publish,
  batchRecords: number,
): { publish: Publish; flush: () => Promise<void> } => {
  let records: TopicRecord[] = []
  let polls: FeedPoll[] = []
  let underway: Promise<void> = Promise.resolve()

  const send = async (): Promise<void> => {
    await underway
    const batch = { records, polls }
    records = []
    polls = []
    underway = publish(statusLast(batch.records), batch.polls)
    // Heard of by the next send or flush.
    underway.catch(() => {})
  }
  return {
    publish: async (more, closed) => {
      records.push(...more)
      polls.push(...closed)
      if (records.length >= batchRecords) await send()
    },
    flush: async () => {
      await send()
      await underway
    },
  }
}

/** Each topic's records stay in order. */
const statusLast = (records: readonly TopicRecord[]): TopicRecord[] => {
  const isStatus = ({ topic }: TopicRecord): boolean => topic.name === topics.stationStatus.name
  return [...records.filter((record) => !isStatus(record)), ...records.filter(isStatus)]
}
