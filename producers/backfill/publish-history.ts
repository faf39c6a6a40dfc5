import type { TopicProducer, TopicRecord } from '@velocast/kafka'
import type { Clock } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import type { Publish } from '../job.ts'

/**
 * As publishThrough, with records stamped with the present: a broker deletes by stamp, and what is years old would be gone
 * before anybody has read it. So history stays in the log from the day it came in as long as a report from the day it was made.
 */
export const publishHistory =
  (producer: TopicProducer, clock: Clock, signal: AbortSignal): Publish =>
  async (records, polls) => {
    const stampedAt = clock.now()
    const stamped = (record: TopicRecord): TopicRecord => ({ ...record, stampedAt })
    if (records.length > 0) await producer.send(records.map(stamped), { signal })
    if (polls.length === 0) return
    await producer.send(
      polls.map((value) => stamped({ topic: topics.feedPolls, value })),
      { signal },
    )
  }
