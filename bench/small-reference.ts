/**
 * The small work by which stream processors are compared: of each reading, the level 1 h and 24 h ago, mean, minimum and
 * maximum over 3 and 24 h, and the change within 1 h. 600,000 readings of 2,400 stations, 6 partitions, a real broker.
 *
 *   KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=… … node bench/small-reference.ts [--json] [--rounds 3]
 *
 * By the product's own stage, runner and history, every guarantee on: Avro by the registry in and out, keys, an idempotent
 * producer acknowledged by all replicas, offsets committed after that chunk by chunk, snapshots, weather joined, dead
 * letters. It computes the whole vector and publishes these nine of it: there is no faster code for fewer features.
 * Beside it, in the same run and in turns, a bare kafkajs loop that decodes each reading, computes nothing and writes as
 * many bytes. Timed from the first committed batch to the last; the ratio is of medians.
 */
import { parseArgs } from 'node:util'
import { createTestKafka, spawnService, type TestKafka } from '@velocast/testkit'
import { Kafka, logLevel } from 'kafkajs'
import { medianOf } from './median.ts'
import { referenceFeatures, referenceTopic } from './reference-work.ts'
import { cityIds, fillStatus, rateOf, writeSystemsFile } from './stream-load.ts'

const { values: args } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '3' } },
})

const PARTITIONS = 6
const size = { stations: 400, polls: 250 }
const systemIds = cityIds(PARTITIONS)
const systemsFile = writeSystemsFile(systemIds)

const createReferenceTopic = async ({ kafka, env }: TestKafka): Promise<void> => {
  const raw = new Kafka({ brokers: env.KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING })
  const admin = raw.admin()
  await admin.connect()
  const topic = kafka.topicName(referenceTopic.name)
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: -1 }] })
  await admin.disconnect()
}

type Way = 'processor' | 'bareLoop'

const measureOnce = async (way: Way): Promise<number> => {
  const test = await createTestKafka({ partitions: PARTITIONS })
  try {
    await createReferenceTopic(test)
    const records = await fillStatus(test, systemIds, size)
    const group = way === 'processor' ? 'features' : 'bare'
    const spawned =
      way === 'processor'
        ? spawnService(new URL('./reference-processor.ts', import.meta.url), {
            ...test.env,
            SYSTEMS_FILE: systemsFile,
          })
        : spawnService(new URL('./bare-loop.ts', import.meta.url), {
            ...test.env,
            GROUP: test.kafka.topicName(group),
            FROM: test.kafka.topicName('station-status'),
            TO: test.kafka.topicName(referenceTopic.name),
            VALUE_BYTES: String(35 + referenceFeatures.length * 4),
          })
    const rate = await rateOf(test, group, records, spawned)
    await spawned.kill()
    return rate
  } finally {
    await test.close()
  }
}

const rates: Record<Way, number[]> = { processor: [], bareLoop: [] }
for (let round = 0; round < Number(args.rounds); round++) {
  rates.bareLoop.push(await measureOnce('bareLoop'))
  rates.processor.push(await measureOnce('processor'))
}
const processor = Math.round(medianOf(rates.processor))
const bareLoop = Math.round(medianOf(rates.bareLoop))
const result = {
  name: 'small-reference',
  readings: PARTITIONS * size.stations * size.polls,
  stations: PARTITIONS * size.stations,
  rounds: Number(args.rounds),
  perSecond: { processor, bareLoop },
  ratioToBareLoop: Number((processor / bareLoop).toFixed(2)),
}
if (args.json) console.log(JSON.stringify(result))
else
  console.log(
    `${result.readings} readings of ${result.stations} stations: processor ${processor}/s, bare kafkajs loop ${bareLoop}/s, ratio ${result.ratioToBareLoop}`,
  )
