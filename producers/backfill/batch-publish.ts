import type { TopicRecord } from '@velocast/kafka'
import type { FeedPoll } from '@velocast/schemas'
import type { Publish } from '../job.ts'

/**
 * Collects the records of several polls and publishes them together, in order, while the next ones are being collected.
 * At most two batches are held: the one under way and the one that fills.
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
    underway = publish(batch.records, batch.polls)
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
