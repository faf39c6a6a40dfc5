/**
 * Observations a second from `station-status` to `station-features`, through the real broker, by the features processor as
 * it is deployed; beside a bare kafkajs loop with none of its guarantees, in the same run.
 *
 *   KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=… … node bench/topic-to-topic.ts [--json] [--rounds 3]
 *
 * Timed from the first committed batch to the last, so that starting up and joining do not count. The two ways take turns,
 * each on topics of its own; ratios are of medians.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { vectorFeatureNames } from '@velocast/features'
import { type Topic, topics } from '@velocast/schemas'
import { createTestKafka, generateStatus, spawnService, type TestKafka } from '@velocast/testkit'

const { values: args } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '3' } },
})

const SYSTEMS = 4
const sizes = [
  { stations: 60, polls: 300 },
  { stations: 60, polls: 1_200 },
]
const features = new URL('../stream-processors/features/main.ts', import.meta.url)
const bareLoop = new URL('./bare-loop.ts', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'velocast-bench-'))
const systemsFile = join(folder, 'systems.json')
const systemIds = Array.from({ length: SYSTEMS }, (_, index) => `city-${index}`)

writeFileSync(
  systemsFile,
  JSON.stringify({
    systems: systemIds.map((systemId) => ({
      systemId,
      modelName: systemId,
      gbfs: 'http://127.0.0.1/gbfs.json',
      timeZone: 'Europe/Oslo',
      country: 'NO',
      latitude: 59.9,
      longitude: 10.7,
    })),
  }),
)

const fill = async ({ kafka }: TestKafka, size: (typeof sizes)[number]): Promise<number> => {
  const producer = await kafka.openProducer()
  let records = 0
  for (const [seed, systemId] of systemIds.entries()) {
    let batch = []
    for (const status of generateStatus({ seed, ...size, systemId })) {
      batch.push({ topic: topics.stationStatus, value: status })
      records += 1
      if (batch.length < 5_000) continue
      await producer.send(batch)
      batch = []
    }
    await producer.send(batch)
  }
  await producer.close()
  return records
}

/** Records a second, from when the group first moves to when it has reached the end. */
const rateOf = async (
  { kafka }: TestKafka,
  group: string,
  // biome-ignore lint/suspicious/noExplicitAny: any topic.
  topic: Topic<any>,
  records: number,
): Promise<number> => {
  let first: { at: number; lag: number } | null = null
  for (;;) {
    const lag = await kafka.lagOf(group, [topic])
    const at = performance.now()
    if (!first && lag < records) first = { at, lag }
    if (first && lag === 0) return first.lag / ((at - first.at) / 1000)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const byProcessor = async (size: (typeof sizes)[number]): Promise<number> => {
  const test = await createTestKafka()
  try {
    const records = await fill(test, size)
    const processor = spawnService(features, { ...test.env, SYSTEMS_FILE: systemsFile, LOG_LEVEL: 'warn' })
    const rate = await rateOf(test, 'features', topics.stationStatus, records)
    await processor.kill()
    return rate
  } finally {
    await test.close()
  }
}

const byBareLoop = async (size: (typeof sizes)[number]): Promise<number> => {
  const test = await createTestKafka()
  try {
    const records = await fill(test, size)
    const loop = spawnService(bareLoop, {
      ...test.env,
      GROUP: test.kafka.topicName('bare'),
      FROM: test.kafka.topicName('station-status'),
      TO: test.kafka.topicName('station-features'),
      VECTOR_BYTES: String(40 + vectorFeatureNames.length * 4),
    })
    const rate = await rateOf(test, 'bare', topics.stationStatus, records)
    await loop.kill()
    return rate
  } finally {
    await test.close()
  }
}

const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const measured = []
for (const size of sizes) {
  const rates = { processor: [] as number[], bareLoop: [] as number[] }
  for (let round = 0; round < Number(args.rounds); round += 1) {
    rates.bareLoop.push(await byBareLoop(size))
    rates.processor.push(await byProcessor(size))
  }
  const processor = Math.round(medianOf(rates.processor))
  const bare = Math.round(medianOf(rates.bareLoop))
  measured.push({
    records: SYSTEMS * size.stations * size.polls,
    perSecond: { processor, bareLoop: bare },
    ratioToBareLoop: Number((processor / bare).toFixed(2)),
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
  for (const { records, perSecond, ratioToBareLoop } of measured)
    console.log(
      `${records} observations → vectors of ${result.features}: processor ${perSecond.processor}/s, bare kafkajs loop ${perSecond.bareLoop}/s, ratio ${ratioToBareLoop}`,
    )
