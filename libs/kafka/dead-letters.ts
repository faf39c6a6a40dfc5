import type { Clock } from '@velocast/runtime'
import { deadLetterTopicName } from '@velocast/schemas'
import type { RawMessage } from './topic-producer.ts'
import type { Rejection } from './types.ts'

/** What is said of a letter in its headers. What begins with `velocast-redrive` stays with the record when it is sent back. */
export const letterHeaders = {
  reason: 'velocast-reason',
  detail: 'velocast-detail',
  consumer: 'velocast-consumer',
  rejectedAt: 'velocast-rejected-at',
  topic: 'velocast-topic',
  partition: 'velocast-partition',
  offset: 'velocast-offset',
  eventAt: 'velocast-event-at',
} as const

/**
 * A rejected record as it goes to `<topic>.dlq`: key, value and headers as they came, and `velocast-*` headers that say
 * who refused it, when and why, and where it came from.
 */
export const deadLetter = (
  { record, reason, detail }: Rejection,
  { consumer, clock, topicName }: { consumer: string; clock: Clock; topicName: (name: string) => string },
): RawMessage => ({
  topic: topicName(deadLetterTopicName(record.topic.name)),
  partition: 0,
  key: record.raw.key,
  value: record.raw.value,
  timestamp: clock.now(),
  headers: {
    ...record.raw.headers,
    [letterHeaders.reason]: reason,
    [letterHeaders.detail]: detail,
    [letterHeaders.consumer]: consumer,
    [letterHeaders.rejectedAt]: new Date(clock.now()).toISOString(),
    [letterHeaders.topic]: topicName(record.topic.name),
    [letterHeaders.partition]: String(record.partition),
    [letterHeaders.offset]: String(record.offset),
    [letterHeaders.eventAt]: String(record.eventAt),
  },
})
