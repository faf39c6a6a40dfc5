import { connectKafka, type KafkaClient } from '@velocast/kafka'
import type { Clock, Log } from '@velocast/runtime'
import type { Static } from 'typebox'
import type { producersConfig } from '../config.ts'

/** The broker and the registry that the environment names. */
export const connectLog = (
  config: Static<typeof producersConfig>,
  { clientId, clock, log }: { clientId: string; clock: Clock; log: Log },
): KafkaClient =>
  connectKafka({
    brokers: config.KAFKA_BROKERS.split(','),
    registryUrl: config.SCHEMA_REGISTRY_URL,
    clientId,
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    partitions: config.KAFKA_PARTITIONS,
    clock,
    log,
  })
