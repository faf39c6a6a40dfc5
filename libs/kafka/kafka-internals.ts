import type { Clock, Log } from '@velocast/runtime'
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
}
