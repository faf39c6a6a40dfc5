import type { Clock } from '@velocast/runtime'
import { deadLetterTopicName } from '@velocast/schemas'
import type { RawMessage } from './topic-producer.ts'
import type { Rejection } from './types.ts'

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
    'velocast-reason': reason,
    'velocast-detail': detail,
    'velocast-consumer': consumer,
    'velocast-rejected-at': new Date(clock.now()).toISOString(),
    'velocast-topic': topicName(record.topic.name),
    'velocast-partition': String(record.partition),
    'velocast-offset': String(record.offset),
  },
})
