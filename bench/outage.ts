/**
 * A replica's starts, and its answers while everything behind it is stopped, on servers of its own: how long until
 * /health/ready says 200 (and 503 before that) with an empty disk, from the topics; with its disk and the topics; and with its
 * disk alone. Then broker, registry, database, MLflow and the store of bundles are stopped, and it is asked for forecasts
 * for `--minutes`: every answer must be a 200 that says its age, and is degraded once it is older than a minute.
 *
 *   node bench/outage.ts [--json] [--minutes 10] [--stations 2400] [--rate 20]
 *
 * This takes ten minutes: it is run by name only. The demand is its baseline.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  promotionOf,
  serveBundles,
  testStation,
  testSystem,
  testVector,
  testWeather,
  versionedBundle,
} from '@velocast/api/testing'
import { vectorFeatureNames } from '@velocast/features'
import { resolvePorts, stackEnvironment, startStack, stopStack } from '@velocast/local-stack'
import { encodeStationFeatures, topics } from '@velocast/schemas'
import { createTestKafka, type SpawnedService, spawnService, waitFor } from '@velocast/testkit'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10' },
    stations: { type: 'string', default: '2400' },
    rate: { type: 'string', default: '20' },
  },
})
const STATIONS = Number(args.stations)
const OLD_AFTER_SECONDS = 60
const home = join(import.meta.dirname, '..', '.velocast', 'outage-bench')
const portOffset = String(Number(process.env.VELOCAST_PORT_OFFSET ?? 0) + 17_000)
const stationIds = Array.from({ length: STATIONS }, (_, index) => `station-${index}`)

const addresses = await startStack({
  home,
  ports: resolvePorts({ ...process.env, VELOCAST_PORT_OFFSET: portOffset }),
})
Object.assign(process.env, stackEnvironment(addresses))
const test = await createTestKafka()
const bundle = versionedBundle(1, { trees: 150, leaves: 63 })
const store = await serveBundles(new Map([['1', bundle]]))
const folder = await mkdtemp(join(tmpdir(), 'velocast-bench-'))
const { systemId, name, gbfs, timeZone, country, latitude, longitude } = testSystem
await writeFile(
  join(folder, 'systems.json'),
  JSON.stringify({ systems: [{ systemId, name, gbfs, timeZone, country, latitude, longitude }] }),
)

let api: SpawnedService | null = null
/** Starts the replica; how long until it was ready, and what it said before. */
const start = async () => {
  const beganAt = performance.now()
  const service = spawnService(new URL('../serving/api/main.ts', import.meta.url), {
    ...test.env,
    MLFLOW_TRACKING_URI: store.url,
    SYSTEMS_FILE: join(folder, 'systems.json'),
    CACHE_FOLDER: join(folder, 'cache'),
    API_PORT: '0',
    STALE_AFTER_SECONDS: String(OLD_AFTER_SECONDS),
  })
  api = service
  const listening = { withinMs: 120_000, everyMs: 5, what: 'the API listens' }
  const address = await waitFor(() => {
    if (!service.isRunning()) throw new Error(service.lines().join('\n'))
    return service.events().find(({ msg }) => msg === 'API')?.address as string | undefined
  }, listening)
  let notReady = 0
  await waitFor(
    async () => {
      const { status } = await fetch(`${address}/health/ready`)
      if (status === 503) notReady++
      return status === 200
    },
    { withinMs: 120_000, everyMs: 5, what: 'the API is ready' },
  )
  return { address, readyMs: Math.round(performance.now() - beganAt), notReady }
}

const ask = async (address: string) => {
  const seconds = Number(args.minutes) * 60
  const everyMs = 1000 / Number(args.rate)
  const endsAt = performance.now() + seconds * 1000
  const found = { asked: 0, failed: 0, unmarked: 0, oldestSeconds: 0 }
  for (let dueAt = performance.now(); dueAt < endsAt; dueAt += everyMs) {
    await sleep(Math.max(0, dueAt - performance.now()))
    const stationId = stationIds[(found.asked * 7919) % STATIONS]
    found.asked++
    const beforeAt = Date.now()
    const response = await fetch(
      `${address}/v1/systems/${systemId}/stations/${stationId}/forecast?hours=24`,
    ).catch(() => null)
    if (response?.status !== 200) {
      found.failed++
      continue
    }
    const answer = (await response.json()) as {
      data_age_seconds: number
      degraded: boolean
      as_of: string
      reasons: string[]
    }
    const ageSeconds = (beforeAt - Date.parse(answer.as_of)) / 1000
    const saysAge = Math.abs(answer.data_age_seconds - ageSeconds) <= 2
    const isMarked = ageSeconds < OLD_AFTER_SECONDS + 2 || answer.reasons.includes('features_stale')
    if (!saysAge || !isMarked) found.unmarked++
    found.oldestSeconds = Math.max(found.oldestSeconds, answer.data_age_seconds)
  }
  return found
}

try {
  const producer = await test.kafka.openProducer()
  const asOf = Date.now() - 10_000
  for (let from = 0; from < STATIONS; from += 200)
    await producer.send(
      stationIds.slice(from, from + 200).flatMap((stationId) => {
        const { vector } = testVector(stationId)
        const head = { systemId, stationId, asOf, polledAt: asOf }
        return [
          { topic: topics.stationInformation, value: testStation(stationId) },
          {
            topic: topics.stationFeatures,
            value: { ...head, names: vectorFeatureNames, vector },
            encoded: encodeStationFeatures(head, vector),
          },
        ]
      }),
    )
  await producer.send([
    { topic: topics.weatherForecasts, value: { ...testWeather(), polledAt: asOf - 3_600_000 } },
    { topic: topics.modelPromoted, value: { ...promotionOf(bundle, 1, store.uriOf('1')), promotedAt: asOf } },
  ])
  await producer.close()
  const empty = await start()
  await waitFor(() => api!.events().some(({ msg }) => msg === 'model activated'), {
    withinMs: 60_000,
    what: 'the model',
  })
  await api!.kill()
  const kept = await start()
  await stopStack({ home })
  await store.close()
  const answers = await ask(kept.address)
  await api!.kill('SIGKILL')
  const alone = await start()
  const result = {
    name: 'outage',
    stations: STATIONS,
    readyMs: { emptyDisk: empty.readyMs, diskAndTopics: kept.readyMs, diskAlone: alone.readyMs },
    notReadyBefore: empty.notReady,
    minutes: Number(args.minutes),
    ...answers,
  }
  if (args.json) console.log(JSON.stringify(result))
  else
    console.log(
      `${STATIONS} stations; ready after ${empty.readyMs} ms with an empty disk (503 ${empty.notReady} times before), ${kept.readyMs} ms with its disk, ${alone.readyMs} ms with its disk and nothing else. All servers stopped for ${args.minutes} min: ${answers.failed} of ${answers.asked} failed, ${answers.unmarked} did not say their age, the oldest ${answers.oldestSeconds} s`,
    )
} finally {
  await (api as SpawnedService | null)?.kill('SIGKILL')
  await stopStack({ home })
  await rm(folder, { recursive: true, force: true })
}
// The client of the stopped broker goes on trying.
process.exit()
