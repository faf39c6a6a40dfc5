/**
 * Rows a second of recorded snapshots into history, features included: compressed CSV → `station-status` → the features
 * processor → `station-features`, by the processes that are deployed; beside a bare xz | lines | kafkajs send of the same files
 * into a topic, in the same run.
 *
 *   KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=… node bench/backfill-status.ts [--json] [--data FOLDER] [--files 1]
 *
 * The data are the Bay Wheels months beside the checkout; where they are absent, it says so and ends with 0. Timed from the
 * start of the back-fill to the commit of the last vector. The processor is up before, and the back-fill's own start counts.
 */
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { vectorFeatureNames } from '@velocast/features'
import { topics } from '@velocast/schemas'
import { createTestKafka, spawnService, waitFor } from '@velocast/testkit'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    data: {
      type: 'string',
      default: resolve(import.meta.dirname, '../../shared/data/status/baywheels'),
    },
    files: { type: 'string', default: '1' },
  },
})

const BACKFILL = new URL('../producers/backfill-main.ts', import.meta.url)
const FEATURES = new URL('../stream-processors/features/main.ts', import.meta.url)
const BARE_LINES = new URL('./bare-lines.ts', import.meta.url)
const systemId = 'bay-wheels'

const filesIn = (folder: string): { status: string[]; information: string[] } => {
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const matching = (pattern: RegExp): string[] =>
    names.filter((name) => pattern.test(name)).map((name) => join(folder, name))
  return {
    status: matching(/^status_.*\.csv\.xz$/).slice(0, Number(args.files)),
    information: matching(/^station_information_.*\.json$/),
  }
}

const systemsFile = join(mkdtempSync(join(tmpdir(), 'velocast-bench-')), 'systems.json')
writeFileSync(
  systemsFile,
  JSON.stringify({
    systems: [
      {
        systemId,
        gbfs: 'http://127.0.0.1/gbfs.json',
        timeZone: 'America/Los_Angeles',
        country: 'US',
        latitude: 37.78,
        longitude: -122.41,
      },
    ],
  }),
)

const byBareLines = async (files: readonly string[]): Promise<number> => {
  const test = await createTestKafka({ partitions: 1 })
  try {
    const TO = test.kafka.topicName(topics.stationStatus.name)
    const loop = spawnService(BARE_LINES, { ...test.env, TO }, files)
    await loop.exited
    const { lines, seconds } = loop.events().at(-1) as { lines: number; seconds: number }
    return lines / seconds
  } finally {
    await test.close()
  }
}

const byBackfill = async (files: readonly string[]) => {
  const test = await createTestKafka({ partitions: 1 })
  const env = { ...test.env, SYSTEMS_FILE: systemsFile, LOG_LEVEL: 'warn' }
  const processor = spawnService(FEATURES, env)
  try {
    await waitFor(async () => (await test.kafka.lagOf('features', [topics.stationStatus])) === 0, {
      withinMs: 30_000,
      what: 'the processor up',
    })
    const startedAt = performance.now()
    const backfill = spawnService(BACKFILL, env, ['status', '--system', systemId, ...files])
    const code = await backfill.exited
    const published = (performance.now() - startedAt) / 1000
    const { observations } = (backfill.events().at(-1) ?? {}) as { observations?: number }
    if (code !== 0 || !observations) throw new Error(backfill.lines().join('\n'))
    await waitFor(async () => (await test.kafka.lagOf('features', [topics.stationStatus])) === 0, {
      withinMs: 30 * 60_000,
      what: 'every vector committed',
    })
    const seconds = (performance.now() - startedAt) / 1000
    const vectors = await test.kafka.lagOf('nobody', [topics.stationFeatures])
    if (vectors !== observations) throw new Error(`${vectors} vectors of ${observations} observations`)
    return { observations, perSecond: observations / seconds, publishedPerSecond: observations / published }
  } finally {
    await processor.kill()
    await test.close()
  }
}

const { status, information } = filesIn(args.data)
if (status.length === 0)
  console.log(
    `backfill-status: ${args.data} holds no status_*.csv.xz: recordings are not part of the project`,
  )
else {
  const bare = await byBareLines(status)
  const { observations, perSecond, publishedPerSecond } = await byBackfill([...information, ...status])
  const result = {
    name: 'backfill-status',
    features: vectorFeatureNames.length,
    observations,
    perSecond: {
      featuresIncluded: Math.round(perSecond),
      published: Math.round(publishedPerSecond),
      bareLines: Math.round(bare),
    },
    ratioToBareLines: Number((perSecond / bare).toFixed(2)),
  }
  if (args.json) console.log(JSON.stringify(result))
  else
    console.log(
      `${observations} observations: published ${result.perSecond.published}/s, vectors of ${result.features} included ${result.perSecond.featuresIncluded}/s; bare lines into a topic ${result.perSecond.bareLines}/s, ratio ${result.ratioToBareLines}`,
    )
}
