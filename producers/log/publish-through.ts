import type { TopicProducer } from '@velocast/kafka'
import { topics } from '@velocast/schemas'
import type { Publish } from '../job.ts'

/**
 * Publishes through the broker. The polls are sent only when the records are acknowledged, so that a poll in the log
 * says that all of it is there; what dies in between is polled and published again, which changes nothing downstream.
 */
export const publishThrough =
  (producer: TopicProducer, signal: AbortSignal): Publish =>
  async (records, polls, headers) => {
    const marked = headers ? records.map((record) => ({ ...record, headers })) : records
    if (records.length > 0) await producer.send(marked, { signal })
    if (polls.length === 0) return
    await producer.send(
      polls.map((value) => ({ topic: topics.feedPolls, value, ...(headers && { headers }) })),
      { signal },
    )
  }
