import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TopicTable, topicTables } from '@velocast/db'
import { vectorFeatureNames } from '@velocast/features'
import type { TopicRecord } from '@velocast/kafka'
import { systemClock } from '@velocast/runtime'
import { type StationStatus, topics } from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  generateStatus,
  type SpawnedService,
  seededRandom,
  silentLog,
  spawnService,
  type TestDatabase,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { Registry } from 'prom-client'
import { createTelemetry } from './telemetry.ts'
import { createBatchWriter } from './write-batch.ts'

const main = new URL('./main.ts', import.meta.url)
const tables: readonly TopicTable[] = [topicTables.stationStatus, topicTables.stationFeatures]
const random = seededRandom(11)
const stations = 60
const polls = 60
/** Rows of each table in the end. */
const keys = 2 * stations * polls

/** Two cities. After each poll some readings of the poll before come again, half of them amended: the log's order matters. */
const statuses = ['north', 'south'].flatMap((systemId, seed) => {
  const readings = [...generateStatus({ seed, systemId, stations, polls })]
  return Array.from({ length: polls + 1 }, (_, poll) => {
    const earlier = readings.slice(Math.max(0, (poll - 1) * stations), poll * stations)
    const again = earlier.filter(() => random() < 0.33)
    return [
      ...readings.slice(poll * stations, (poll + 1) * stations),
      ...again.map((status) => (random() < 0.5 ? { ...status, bikes: status.bikes + 1 } : status)),
    ]
  }).flat()
})

const vectorOf = ({ systemId, stationId, observedAt: asOf, polledAt, bikes }: StationStatus) => {
  const vector = Float32Array.from(vectorFeatureNames, (_, index) =>
    index % 9 === 0 ? Number.NaN : bikes / (index + 1),
  )
  return { systemId, stationId, asOf, polledAt, names: vectorFeatureNames, vector }
}

const log: TopicRecord[] = statuses.flatMap((status) => [
  { topic: topics.stationStatus, value: status },
  { topic: topics.stationFeatures, value: vectorOf(status) },
])

let broker: TestKafka
let killed: TestDatabase
let undisturbed: TestDatabase
const services: SpawnedService[] = []
before(async () => {
  ;[broker, killed, undisturbed] = await Promise.all([
    createTestKafka(),
    createTestDatabase(),
    createTestDatabase(),
  ])
  const producer = await broker.kafka.openProducer()
  await producer.send(log)
  await producer.close()
})
after(async () => {
  await Promise.all(services.map((service) => service.kill('SIGKILL')))
  await Promise.all([broker.close(), killed.drop(), undisturbed.drop()])
})

const contentOf = async ({ database }: TestDatabase, { table, key }: TopicTable): Promise<unknown[]> =>
  (await database.query(`select * from ${table} order by ${key.join(', ')}`)).rows

/** Records that the killed sink has not committed. */
const lagOfSink = async (): Promise<number> => {
  const lags = tables.map(({ topic }) => broker.lagOf(`timescale-sink.${topic.name}`, [topic]))
  return (await Promise.all(lags)).reduce((sum, lag) => sum + lag, 0)
}

/** What the sink's connections are at, as the server sees it. */
const isAt = async (statement: string): Promise<boolean> => {
  const { rowCount } = await killed.database.query(
    `select 1 from pg_stat_activity where datname = current_database() and application_name = 'velocast timescale-sink'
       and state <> 'idle' and query ilike $1`,
    [statement],
  )
  return rowCount > 0
}

const countRows = async (): Promise<number> => {
  const { rows } = await killed.database.query<{ count: number }>(
    'select (select count(*) from station_status) + (select count(*) from station_features) as count',
  )
  return rows[0]!.count
}

test('killed in the middle of whatever it does, the sink leaves the tables of an undisturbed run', async () => {
  const moments: { what: string; isNow: () => Promise<boolean>; everyMs?: number }[] = [
    { what: 'a copy', isNow: () => isAt('copy %') },
    { what: 'an upsert', isNow: () => isAt('insert into %') },
    { what: 'a commit', isNow: () => isAt('commit') },
    ...[0.3, 0.5, 0.6].map((share) => ({
      what: `rows beyond ${share * 100} %`,
      isNow: async () => (await countRows()) > share * 2 * keys,
      // Counting is work for the server, which the sink is waiting for.
      everyMs: 25,
    })),
  ]
  const start = (): SpawnedService => {
    const service = spawnService(main, { ...broker.env, DATABASE_URL: killed.url, SINK_MAX_ROWS: '100' })
    services.push(service)
    return service
  }
  for (const { what, isNow, everyMs = 1 } of moments) {
    const service = start()
    await waitFor(() => service.lines().length > 0, { what: 'a first word' })
    await waitFor(isNow, { what, everyMs })
    assert.equal(await service.kill('SIGKILL'), 'SIGKILL')
    const left = await lagOfSink()
    assert.ok(left > 0, `killed too late to be in the middle: ${what}`)
  }
  const survivor = start()
  await waitFor(async () => (await lagOfSink()) === 0, { what: 'all is read' })
  assert.equal(await survivor.kill('SIGTERM'), 0)

  await runUndisturbed()
  for (const table of tables) {
    const content = await contentOf(killed, table)
    assert.equal(content.length, keys)
    assert.deepEqual(content, await contentOf(undisturbed, table))
  }
})

const runUndisturbed = async (): Promise<void> => {
  const { database } = undisturbed
  const from = tables.map((table) => table.topic)
  const telemetry = createTelemetry(new Registry(), silentLog, systemClock.now)
  const stage = await broker.kafka.runBatches({
    group: 'undisturbed',
    from,
    handle: createBatchWriter({ database, tables, telemetry, clock: systemClock }),
  })
  await waitFor(async () => (await broker.lagOf('undisturbed', from)) === 0, {
    what: 'all is read',
  })
  await stage.stop()
}
