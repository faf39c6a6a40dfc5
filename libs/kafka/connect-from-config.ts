import type { Clock, Log } from '@velocast/runtime'
import { connectKafka } from './connect-kafka.ts'
import type { KafkaClient } from './types.ts'

/** The variables of `configFragments.kafka`, read. */
export interface KafkaConfig {
  KAFKA_BROKERS: string
  SCHEMA_REGISTRY_URL: string
  KAFKA_TOPIC_PREFIX: string
  KAFKA_PARTITIONS: number
}

/** A client as the environment describes it. */
export const connectFromConfig = (
  config: KafkaConfig,
  { clientId, clock, log }: { clientId: string; clock: Clock; log: Log },
): KafkaClient =>
  connectKafka({
    brokers: config.KAFKA_BROKERS.split(','),
    registryUrl: config.SCHEMA_REGISTRY_URL,
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    partitions: config.KAFKA_PARTITIONS,
    clientId,
    clock,
    log,
  })
