import type { Clock, Log } from '@velocast/runtime'
import type { TopicName } from '@velocast/schemas'
import type { Kafka } from 'kafkajs'
import type { AdminAccess } from './admin-access.ts'
import type { ValueCodec } from './value-codec.ts'

/** What the parts of this package share. */
export interface KafkaInternals {
  kafka: Kafka
  codec: ValueCodec
  admin: AdminAccess
  clock: Clock
  log: Log
  topicName: (name: string) => string
  /** The partition of a system's records. */
  partitionOf: (systemId: string) => number
  /**
   * Throws when the topic has another number of partitions than this client counts on. kafkajs acknowledges, and drops,
   * what is sent to a partition that is not there; and with another number, a system's records are not where others look.
   */
  checkPartitions: (name: TopicName) => Promise<void>
}
