/**
 * Observations a second from `station-status` to `station-features`, through the real broker, by the features processor as
 * it is deployed; beside a bare kafkajs loop with none of its guarantees, in the same run.
 *
 *   KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=… … node bench/topic-to-topic.ts [--json] [--rounds 3]
 *
 * Timed from the first committed batch to the last, so that starting up and joining do not count. The two ways take turns,
 * each on topics of its own; ratios are of medians.
 */
import { parseArgs } from 'node:util'
import { vectorFeatureNames } from '@velocast/features'
import { createTestKafka, spawnService } from '@velocast/testkit'
import { medianOf } from './median.ts'
import { cityIds, fillStatus, rateOf, type StreamSize, writeSystemsFile } from './stream-load.ts'

const { values: args } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '3' } },
})

const PARTITIONS = 6
const sizes: StreamSize[] = [
  { stations: 60, polls: 800 },
  { stations: 400, polls: 250 },
]
const features = new URL('../stream-processors/features/main.ts', import.meta.url)
const bareLoop = new URL('./bare-loop.ts', import.meta.url)
const systemIds = cityIds(PARTITIONS)
const systemsFile = writeSystemsFile(systemIds)

type Way = 'processor' | 'bareLoop'

const measureOnce = async (size: StreamSize, way: Way): Promise<number> => {
  const test = await createTestKafka({ partitions: PARTITIONS })
  try {
    const records = await fillStatus(test, systemIds, size)
    const group = way === 'processor' ? 'features' : 'bare'
    const spawned =
      way === 'processor'
        ? spawnService(features, { ...test.env, SYSTEMS_FILE: systemsFile, LOG_LEVEL: 'warn' })
        : spawnService(bareLoop, {
            ...test.env,
            GROUP: test.kafka.topicName(group),
            FROM: test.kafka.topicName('station-status'),
            TO: test.kafka.topicName('station-features'),
            VALUE_BYTES: String(35 + vectorFeatureNames.length * 4),
          })
    const rate = await rateOf(test, group, records, spawned)
    await spawned.kill()
    return rate
  } finally {
    await test.close()
  }
}

const measured = []
for (const size of sizes) {
  const rates: Record<Way, number[]> = { processor: [], bareLoop: [] }
  for (let round = 0; round < Number(args.rounds); round++) {
    rates.bareLoop.push(await measureOnce(size, 'bareLoop'))
    rates.processor.push(await measureOnce(size, 'processor'))
  }
  const processor = Math.round(medianOf(rates.processor))
  const bareLoop = Math.round(medianOf(rates.bareLoop))
  measured.push({
    records: PARTITIONS * size.stations * size.polls,
    stations: PARTITIONS * size.stations,
    perSecond: { processor, bareLoop },
    ratioToBareLoop: Number((processor / bareLoop).toFixed(2)),
  })
}

const result = {
  name: 'topic-to-topic',
  features: vectorFeatureNames.length,
  rounds: Number(args.rounds),
  measured,
}
if (args.json) console.log(JSON.stringify(result))
else
  for (const { records, stations, perSecond, ratioToBareLoop } of measured)
    console.log(
      `${records} observations of ${stations} stations → vectors of ${result.features}: processor ${perSecond.processor}/s, bare kafkajs loop ${perSecond.bareLoop}/s, ratio ${ratioToBareLoop}`,
    )
