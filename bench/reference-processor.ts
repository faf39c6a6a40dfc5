/**
 * The features processor with a small output: it is the deployed stage, runner and history as they are, and of the vector
 * it publishes the lags, windows and changes that other stream processors are compared by (see small-reference.ts).
 */
import process from 'node:process'
import { vectorFeatureNames } from '@velocast/features'
import { connectKafka } from '@velocast/kafka'
import { createLogger, loadSystems, systemClock } from '@velocast/runtime'
import type { TopicName } from '@velocast/schemas'
import { parseAvro, schemaText } from '@velocast/schemas'
import { stationFeatures, type VectorPublication } from '@velocast/stream-processors/features/stage'
import { createTelemetry } from '@velocast/stream-processors/features/telemetry'
import { Registry } from 'prom-client'
import { referenceFeatures, referenceSchema, referenceTopic } from './reference-work.ts'

const {
  KAFKA_BROKERS = '',
  SCHEMA_REGISTRY_URL = '',
  KAFKA_TOPIC_PREFIX = '',
  SYSTEMS_FILE = '',
} = process.env
const log = createLogger('reference', 'warn')
const clock = systemClock
const type = parseAvro(referenceSchema)
const columns = referenceFeatures.map((name) => [name, vectorFeatureNames.indexOf(name)] as const)

const publication: VectorPublication = {
  topic: referenceTopic,
  recordOf({ systemId, stationId, polledAt }, asOf, vector) {
    const value: Record<string, unknown> = { systemId, stationId, asOf, polledAt }
    for (const [name, column] of columns) value[name] = vector[column]
    return { topic: referenceTopic, value, encoded: type.toBuffer(value) }
  },
}

const kafka = connectKafka({
  brokers: KAFKA_BROKERS.split(','),
  registryUrl: SCHEMA_REGISTRY_URL,
  topicPrefix: KAFKA_TOPIC_PREFIX,
  partitions: Number(process.env.KAFKA_PARTITIONS),
  clientId: 'reference',
  schemaOf: (name: TopicName) => (name === referenceTopic.name ? referenceSchema : schemaText(name)),
  clock,
  log,
})
const stage = await kafka.runPartitions(
  stationFeatures({
    systems: loadSystems(SYSTEMS_FILE),
    clock,
    telemetry: createTelemetry({ log, metrics: new Registry(), clock }),
    maxRecords: 2_000,
    snapshotEveryMs: 600_000,
    publication,
  }),
)
process.once('SIGTERM', () => void stage.stop().then(() => process.exit(0)))
await stage.stopped
