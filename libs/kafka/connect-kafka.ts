import { ConfigError } from '@velocast/runtime'
import { allTopics, partitionCount } from '@velocast/schemas'
import { Kafka, logLevel } from 'kafkajs'
import { createAdminAccess } from './admin-access.ts'
import { openDeadLetterBox } from './dead-letter-box.ts'
import { followTopics } from './follow-topics.ts'
import { growTopics } from './grow-topics.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { kafkaLog } from './kafka-log.ts'
import { partitionOf } from './partition-of.ts'
import { passCompactedOffsets } from './pass-compacted-offsets.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import { runBatches } from './run-batches.ts'
import { runJobs } from './run-jobs.ts'
import { runPartitions } from './run-partitions.ts'
import { silenceNegativeTimeouts } from './silence-negative-timeouts.ts'
import { createCatalogue, fetchCommitted, fetchOffsets } from './topic-admin.ts'
import { createRawProducer, createTopicProducer } from './topic-producer.ts'
import type { KafkaClient, KafkaOptions } from './types.ts'
import { createValueCodec } from './value-codec.ts'

/** A client of the broker and the registry. Nothing is asked of either until a method needs it. */
export const connectKafka = (options: KafkaOptions): KafkaClient => {
  const { clock, log, topicPrefix, partitions = partitionCount } = options
  silenceNegativeTimeouts()
  passCompactedOffsets()
  const kafka = new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    logLevel: logLevel.INFO,
    logCreator: kafkaLog(log),
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
  })
  const topicName = (name: string): string => `${topicPrefix}${name}`
  const codec = createValueCodec({
    registryUrl: options.registryUrl,
    topicPrefix,
    clientId: options.clientId,
    schemaOf: options.schemaOf,
  })
  const admin = createAdminAccess(kafka)
  const internals: KafkaInternals = {
    kafka,
    codec,
    admin,
    clock,
    log,
    topicName,
    partitionOf: (systemId) => partitionOf(systemId, partitions),
    async checkPartitions(name) {
      const found = (await admin.use((client) => fetchOffsets(client, topicName(name)))).length
      if (found === partitions) return
      throw new ConfigError([
        `KAFKA_PARTITIONS is ${partitions}, but the topic ${topicName(name)} has ${found} partitions: set it to ${found}`,
      ])
    },
  }

  return {
    topicName,
    createTopics: () => admin.use((client) => createCatalogue(client, topicName, partitions)),
    async registerSchemas() {
      await Promise.all(allTopics.map((topic) => retryUntilAvailable(() => codec.prepareToWrite(topic.name))))
    },
    growTopics: (signal) => growTopics(internals, partitions, signal),
    openProducer: async () => createTopicProducer(createRawProducer(kafka), internals),
    runBatches: async (stage) => runBatches(internals, stage),
    runJobs: async (stage) => runJobs(internals, stage),
    runPartitions: async (stage) => runPartitions(internals, stage),
    follow: async (follow) => followTopics(internals, follow),
    deadLetters: openDeadLetterBox(internals),
    async lagOf(group, topics) {
      let lag = 0
      for (const { name } of topics) {
        const [offsets, committed] = await admin.use(async (client) => [
          await fetchOffsets(client, topicName(name)),
          await fetchCommitted(client, topicName(group), topicName(name)),
        ])
        for (const { partition, low, high } of offsets)
          lag += high - Math.max(low, committed.get(partition) ?? 0)
      }
      return lag
    },
    ping: () =>
      admin.use(async (client) => {
        await client.describeCluster()
      }),
    close: () => admin.close(),
  }
}
