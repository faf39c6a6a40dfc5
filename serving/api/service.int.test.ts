/** The process as it is deployed, against the real broker and registry; bundles come from a small store in the test. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { vectorFeatureNames } from '@velocast/features'
import type { Follower, ReceivedRecord, TopicProducer } from '@velocast/kafka'
import {
  encodeStationFeatures,
  type ForecastAccuracy,
  type ModelActivated,
  type ModelRejected,
  topics,
} from '@velocast/schemas'
import {
  createTestKafka,
  type SpawnedService,
  spawnService,
  type TestKafka,
  testStack,
  waitFor,
} from '@velocast/testkit'
import {
  hourMs,
  promotionOf,
  serveBundles,
  testStation,
  testSystem,
  testVector,
  testWeather,
  versionedBundle,
} from './testing/test-city.ts'

const versions = 22
const bundles = new Map(
  Array.from({ length: versions }, (_, index) => [String(index + 1), versionedBundle(index + 1)]),
)

let testKafka: TestKafka
let producer: TopicProducer
let store: Awaited<ReturnType<typeof serveBundles>>
let folder: string
let follower: Follower
const services: SpawnedService[] = []
const events: ReceivedRecord<ModelActivated | ModelRejected>[] = []

before(async () => {
  testKafka = await createTestKafka()
  producer = await testKafka.kafka.openProducer()
  store = await serveBundles(bundles)
  folder = await mkdtemp(join(tmpdir(), 'velocast-api-'))
  const { systemId, name, gbfs, timeZone, country, latitude, longitude } = testSystem
  await writeFile(
    join(folder, 'systems.json'),
    JSON.stringify({ systems: [{ systemId, name, gbfs, timeZone, country, latitude, longitude }] }),
  )
  follower = await testKafka.kafka.follow({
    topics: [topics.modelActivated, topics.modelRejected],
    from: 'beginning',
    onRecords: (records) => void events.push(...records),
  })
})

after(async () => {
  for (const service of services) await service.kill('SIGKILL')
  await follower.stop()
  await producer.close()
  await testKafka.close()
  await store.close()
  await rm(folder, { recursive: true })
})

const start = (env: Record<string, string> = {}): SpawnedService => {
  const service = spawnService(new URL('./main.ts', import.meta.url), {
    ...testKafka.env,
    MLFLOW_TRACKING_URI: store.url,
    DATABASE_URL: testStack().databaseUrl,
    BACKEND_CHECK_SECONDS: '1',
    SYSTEMS_FILE: join(folder, 'systems.json'),
    CACHE_FOLDER: join(folder, 'cache'),
    API_PORT: '0',
    REPLICA_ID: 'replica-1',
    ...env,
  })
  services.push(service)
  return service
}

// biome-ignore lint/suspicious/noExplicitAny: the API's own schemas check what it answers.
const ask = async (url: string): Promise<any> => {
  const response = await fetch(url)
  assert.equal(response.status, 200, url)
  return response.json()
}

const addressOf = (service: SpawnedService): Promise<string> =>
  waitFor(
    () => {
      assert.ok(service.isRunning(), service.lines().join('\n'))
      return service.events().find((event) => event.msg === 'API')?.address as string | undefined
    },
    { what: 'the API listens' },
  )

const promote = (version: number, change: object = {}): Promise<void> => {
  const promotion = promotionOf(bundles.get(String(version))!, version, store.uriOf(String(version)))
  return producer.send([
    { topic: topics.modelPromoted, value: { ...promotion, promotedAt: Date.now(), ...change } },
  ])
}

const sendFeatures = (asOf: number): Promise<void> => {
  const { vector } = testVector('a')
  const head = { systemId: testSystem.systemId, stationId: 'a', asOf, polledAt: asOf + 1_000 }
  const value = { ...head, names: vectorFeatureNames, vector }
  return producer.send([
    { topic: topics.stationInformation, value: testStation('a') },
    { topic: topics.weatherForecasts, value: { ...testWeather(), polledAt: asOf - hourMs } },
    { topic: topics.stationFeatures, value, encoded: encodeStationFeatures(head, vector) },
  ])
}

const accuracy = (windowEndAt: number): ForecastAccuracy => ({
  systemId: testSystem.systemId,
  stationId: null,
  modelName: testSystem.modelName,
  modelVersion: '1',
  horizonMinutes: 60,
  windowStartAt: windowEndAt - hourMs,
  windowEndAt,
  count: 1,
  rmse: 1.5,
  mae: 1,
  rmseDamped: 2,
  coverage90: 1,
  brierBike: 0,
  brierDock: 0,
})

const forecastPath = '/v1/systems/test-city/stations/a/forecast?hours=24'

test('from topics to a forecast; 20 promotions under load without a failure; a restart without the rest', async () => {
  const service = start()
  const address = await addressOf(service)
  assert.equal((await fetch(`${address}/health/ready`)).status, 503)
  assert.equal((await fetch(`${address}/health/live`)).status, 200)

  await sendFeatures(Date.now() - 60_000)
  await promote(1)
  await waitFor(async () => (await fetch(`${address}/health/ready`)).ok, { what: 'ready' })
  // The station's name and the weather come by topics of their own, and nothing waits for them.
  const forecast = await waitFor(
    async () => {
      const answer = await ask(address + forecastPath)
      const isAllKnown = answer.name !== null && !answer.reasons.includes('weather_forecast_missing')
      return isAllKnown ? answer : null
    },
    { what: 'all is known' },
  )
  assert.deepEqual([forecast.model.version, forecast.name, forecast.forecasts.length], ['1', 'Station a', 24])

  const health = await waitFor(
    async () => {
      const answer = await ask(`${address}/health/detailed`)
      return answer.components.database.connected ? answer : null
    },
    { what: 'the database has been looked at' },
  )
  for (const name of ['kafka', 'schema_registry', 'database'])
    assert.equal(health.components[name].status, 'healthy', JSON.stringify(health))
  // Of the store only the bundles are real: it does not answer as MLflow does when it is well.
  assert.equal(health.status, 'degraded')
  const system = `${address}/v1/systems/test-city`
  assert.deepEqual((await ask(`${system}/accuracy`)).accuracy, [])
  await producer.send([{ topic: topics.forecastAccuracy, value: accuracy(Date.now()) }])
  await waitFor(async () => (await ask(`${system}/accuracy`)).accuracy[0]?.rmse === 1.5, {
    what: 'what was published of accuracy',
  })
  await waitFor(async () => (await ask(`${system}/model/history`)).changes[0]?.servers === 1, {
    what: 'the model is in its history, activated by this replica',
  })

  let isOver = false
  let sent = 0
  const seen = new Set<string>()
  const asking = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      sent++
      const { model, forecasts } = await ask(address + forecastPath)
      for (const point of forecasts) assert.equal(point.departures, Number(model.version))
      seen.add(model.version)
    }
  })
  try {
    for (let version = 2; version <= 21; version++) {
      await promote(version)
      await waitFor(() => events.some(({ value }) => value.modelVersion === String(version)), {
        what: `version ${version} is activated`,
      })
    }
  } finally {
    isOver = true
  }
  await Promise.all(asking)
  assert.equal(seen.size, 21, `${sent} requests saw ${[...seen].join()}`)
  assert.ok(events.every(({ value }) => 'activatedAt' in value))

  await promote(22, { manifestSha256: 'a'.repeat(64) })
  const refused = await waitFor(() => events.find(({ topic }) => topic.name === 'model-rejected'), {
    what: 'version 22 is refused',
  })
  assert.equal((refused.value as ModelRejected).reason, 'CHECKSUM')
  assert.equal((await ask(address + forecastPath)).model.version, '21')
  assert.equal(await service.kill('SIGTERM'), 0)

  const alone = start({
    KAFKA_BROKERS: '127.0.0.1:9',
    SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9',
    MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:9/nothing',
    BACKEND_CHECK_SECONDS: '1',
  })
  const answer = await ask((await addressOf(alone)) + forecastPath)
  assert.deepEqual([answer.model.version, answer.forecasts.length], ['21', 24])
  await waitFor(
    async () => {
      const { status, components } = await ask(`${await addressOf(alone)}/health/detailed`)
      const seen = ['database', 'kafka', 'mlflow', 'schema_registry'].map((name) => components[name].status)
      return status === 'degraded' && seen.every((each) => each === 'unhealthy')
    },
    { what: 'all behind it is seen to be away' },
  )
  assert.equal(await alone.kill('SIGTERM'), 0)
})

test('of the promotions before its start, a replica acts upon the newest alone', async () => {
  events.length = 0
  await promote(3)
  await promote(4)
  const service = start({ CACHE_FOLDER: join(folder, 'empty'), REPLICA_ID: 'replica-2' })
  const address = await addressOf(service)
  await waitFor(async () => (await fetch(`${address}/health/ready`)).ok, { what: 'ready' })
  assert.equal((await ask(`${address}/v1/model`)).version, '4')
  await waitFor(() => events.length > 0, { what: 'it is told' })
  assert.deepEqual(
    events.map(({ value }) => value.modelVersion),
    ['4'],
  )
  assert.equal(await service.kill('SIGTERM'), 0)
})
