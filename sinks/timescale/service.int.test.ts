import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { columnNames } from '@velocast/db'
import { vectorFeatureNames } from '@velocast/features'
import type { TopicProducer, TopicRecord } from '@velocast/kafka'
import { type Topic, topics } from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  generateStatus,
  generateWeather,
  type SpawnedService,
  spawnService,
  type TestDatabase,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { sinkTables } from './sink-lanes.ts'

const main = new URL('./main.ts', import.meta.url)
const systemId = 'testville'
const at = Date.now() - 60_000
const [status] = generateStatus({ seed: 1, systemId, stations: 1, polls: 1 })
const [weather] = generateWeather({ seed: 1, systemId, polls: 1 })

const record = <T>(topic: Topic<T>, value: T): TopicRecord<T> => ({ topic, value })

const model = { systemId, modelName: 'velocast', modelVersion: '3', promotedAt: at }
const oneOfEach: TopicRecord[] = [
  record(topics.stationInformation, {
    systemId,
    stationId: 'a',
    name: 'Zürich HB',
    latitude: 47.4,
    longitude: 8.5,
    capacity: null,
    isVirtual: false,
    regionId: null,
    polledAt: at,
  }),
  record(topics.stationStatus, status!),
  record(topics.feedPolls, {
    systemId,
    feed: 'station_status',
    polledAt: at,
    feedUpdatedAt: null,
    outcome: 'PUBLISHED',
    stations: 2,
    published: 1,
    rejected: 0,
    missingStations: ['b', 'c "d"'],
    latencyMs: 12.5,
    detail: null,
  }),
  record(topics.weatherObservations, weather!.observation),
  record(topics.weatherForecasts, weather!.forecast),
  record(topics.stationFeatures, {
    systemId,
    stationId: 'a',
    asOf: at,
    polledAt: at + 1,
    names: vectorFeatureNames,
    vector: Float32Array.from(vectorFeatureNames, (_, index) => (index === 1 ? Number.NaN : index / 3)),
  }),
  record(topics.stationForecasts, {
    systemId,
    stationId: 'a',
    asOf: at,
    modelName: 'velocast',
    modelVersion: '3',
    targetAt: [at + 1, at + 2],
    bikesMean: [1.5, 2.5],
    bikesQ05: [0, 0],
    bikesQ50: [1, 2],
    bikesQ95: [5, 6],
    bikeProbability: [0.5, 0.75],
    dockProbability: [0.5, 0.25],
    departuresMean: [3, 4],
  }),
  record(topics.forecastAccuracy, {
    systemId,
    stationId: null,
    modelName: 'velocast',
    modelVersion: '3',
    horizonMinutes: 60,
    windowStartAt: at,
    windowEndAt: at + 1,
    count: 12,
    rmse: 2,
    mae: 1,
    rmseDamped: 3,
    coverage90: 0.9,
    brierBike: 0.1,
    brierDock: 0.1,
  }),
  record(topics.dataQuality, {
    systemId,
    stationId: null,
    rule: 'fresh',
    checkedAt: at,
    status: 'PASS',
    expected: null,
    actual: null,
    detail: null,
    vetoesTraining: false,
  }),
  record(topics.jobRuns, {
    systemId,
    job: 'train',
    runId: 'run 1',
    startedAt: at,
    endedAt: null,
    outcome: 'RUNNING',
    detail: null,
    figures: { rows: 7, seconds: 1.5 },
  }),
  record(topics.alerts, {
    systemId,
    alert: 'feed-stale',
    raisedAt: at,
    severity: 'WARNING',
    resolved: false,
    summary: 'old',
    action: 'look',
  }),
  record(topics.trainingTriggers, {
    systemId,
    triggerId: 'daily',
    cause: 'DAILY',
    triggeredAt: at,
    policy: 'IF_BETTER',
    requestedBy: null,
    evidence: { skill: 0.2 },
  }),
  record(topics.modelPromoted, {
    ...model,
    runId: null,
    triggerId: null,
    artifactUri: 'mlflow-artifacts:/1',
    manifestSha256: 'ab',
    features: ['bikes'],
    fingerprint: 'cd',
    previousVersion: null,
    reason: 'better',
    metrics: { rmse: 2 },
  }),
  record(topics.modelActivated, {
    ...model,
    replicaId: 'replica 1',
    activatedAt: at + 1,
    fetchMs: 1,
    checkMs: 2,
    warmUpMs: 3,
    swapMs: 4,
    drainMs: 5,
    previousVersion: '2',
  }),
  record(topics.modelRejected, {
    ...model,
    replicaId: 'replica 2',
    rejectedAt: at + 1,
    reason: 'CHECKSUM',
    detail: 'another',
  }),
]

describe('the sink as a process', () => {
  let made: TestDatabase
  let broker: TestKafka
  let producer: TopicProducer
  let service: SpawnedService
  before(async () => {
    ;[made, broker] = await Promise.all([createTestDatabase(), createTestKafka()])
    producer = await broker.kafka.openProducer()
    service = spawnService(main, { ...broker.env, DATABASE_URL: made.url })
  })
  after(async () => {
    await service.kill('SIGKILL')
    await producer.close()
    await Promise.all([made.drop(), broker.close()])
  })

  const countIn = async (table: string): Promise<number> => {
    const { rows } = await made.database.query<{ count: number }>(`select count(*) as count from ${table}`)
    return rows[0]!.count
  }
  const rowsIn = async (table: string, rows: number): Promise<void> => {
    await waitFor(async () => (await countIn(table)) === rows, {
      withinMs: 30_000,
      what: `${rows} rows in ${table}`,
    })
  }

  test('a record of every topic is found in its table, with a value for each column', async () => {
    assert.deepEqual(
      new Set(oneOfEach.map(({ topic }) => topic.name)),
      new Set(sinkTables.map(({ topic }) => topic.name)),
    )
    await producer.send(oneOfEach)
    await rowsIn('model_events', 3)
    await rowsIn('weather_forecasts', weather!.forecast.validAt.length)
    for (const { table } of sinkTables.filter(
      ({ table }) => !['model_events', 'weather_forecasts'].includes(table),
    ))
      await rowsIn(table, 1)
    for (const { topic, value } of oneOfEach) {
      const table = sinkTables.find((each) => each.topic === topic)!
      const row = table
        .rowsFrom(value)[0]!
        .flatMap((each) => (each instanceof Float32Array ? [...each] : [each]))
      const columns = columnNames(table.columns)
      const { rows } = await made.database.query<Record<string, unknown>>(
        `select * from ${table.table} where ${table.table === 'model_events' ? 'event' : 'system_id'} = $1`,
        [table.table === 'model_events' ? row[columns.indexOf('event')] : systemId],
      )
      assert.deepEqual(
        columns.map((name) => asStored(rows[0]![name])),
        row.map(asStored),
        table.table,
      )
    }
  })

  test('a poisoned record is dead-lettered with its reason, and those around it are written', async () => {
    const values = [...generateStatus({ seed: 2, systemId: 'poisoned', stations: 300, polls: 1 })]
    values[120] = { ...values[120]!, bikes: -3 }
    await producer.send(values.map((value) => record(topics.stationStatus, value)))
    await broker.writeRaw('station-status', [{ partition: 0, key: 'garbage', value: 'this is not Avro' }])
    await rowsIn(`station_status where system_id = 'poisoned'`, 299)
    const letters = await waitFor(
      async () => {
        const found = await broker.readRaw('station-status.dlq')
        return found.length === 2 && found
      },
      { withinMs: 20_000, what: 'two dead letters' },
    )
    const reasons = letters.map(({ key, headers }) => [
      key,
      headers['velocast-reason'],
      headers['velocast-detail'],
    ])
    assert.deepEqual(reasons.sort(), [
      ['garbage', 'not-avro', 'the value does not begin with a zero byte and a schema id'],
      ['poisoned/station-120', 'invalid', "breaks the table's rule counts_not_negative"],
    ])
  })

  test('metrics say what was written; SIGTERM ends it with 0', async () => {
    const { address } = service.events().find((event) => event.msg === 'metrics and health') as {
      address: string
    }
    const metrics = await (await fetch(`${address}/metrics`)).text()
    assert.match(metrics, /velocast_sink_rows_total\{table="station_status",service="timescale-sink"\} 300/)
    assert.match(
      metrics,
      /velocast_sink_rejected_total\{table="station_status",reason="invalid",service="timescale-sink"\} 1/,
    )
    assert.match(metrics, /velocast_sink_lag_seconds\{table="alerts"/)
    assert.equal((await fetch(`${address}/health/ready`)).status, 200)
    assert.equal(await service.kill('SIGTERM'), 0)
  })
})

test('a database without this version tables ends the sink with a word on what to do', async () => {
  const [made, broker] = await Promise.all([
    createTestDatabase({ migrated: false }),
    createTestKafka({ partitions: 1 }),
  ])
  const producer = await broker.kafka.openProducer()
  const service = spawnService(main, { ...broker.env, DATABASE_URL: made.url })
  try {
    await producer.send([record(topics.stationStatus, status!)])
    assert.equal(await service.exited, 1)
    assert.match(service.lines().join('\n'), /lacks \d+ migration\(s\).*run `velocast migrate` first/)
  } finally {
    await service.kill('SIGKILL')
    await producer.close()
    await Promise.all([made.drop(), broker.close()])
  }
})

/** What a number with a fraction is in a `real` column; times and counts stay as they are. */
const asStored = (value: unknown): unknown =>
  Number.isInteger(value) || typeof value !== 'number' ? value : Math.fround(value)
