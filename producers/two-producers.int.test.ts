/** Two producers by mistake, or one that is started again before the other has ended: what follows is as with one. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type StationStatus, type Topic, topics } from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  spawnService,
  type TestDatabase,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { readValues } from './testing/read-values.ts'
import { STATION_IDS, serveOperator } from './testing/serve-operator.ts'

const POLLS = 5
const producers = new URL('./main.ts', import.meta.url)
const features = new URL('../stream-processors/features/main.ts', import.meta.url)
const sink = new URL('../sinks/timescale/main.ts', import.meta.url)

const nameOf = ({ stationId, observedAt }: StationStatus): string => `${stationId} ${observedAt}`
/** Where each came first: the other producer may be a poll behind, and repeat it after the next. */
const firstOfEach = (statuses: readonly StationStatus[]): StationStatus[] =>
  [...Map.groupBy(statuses, nameOf).values()].map(([first]) => first!)

const spawn = (context: TestContext, main: URL, env: Record<string, string>) => {
  const service = spawnService(main, env)
  context.after(() => service.kill('SIGKILL'))
  return service
}

/** The tables once everything in the topics has been worked through. */
const tablesOf = async (
  context: TestContext,
  { kafka, env }: TestKafka,
  { database, url }: TestDatabase,
  systemsFile: string,
) => {
  const services = [
    spawn(context, features, { ...env, SYSTEMS_FILE: systemsFile }),
    spawn(context, sink, { ...env, DATABASE_URL: url }),
  ]
  const vectors = new Set((await readValues(kafka, topics.stationStatus)).map(nameOf)).size
  const rowsIn = async (columns: string, table: string) =>
    (await database.query(`select ${columns} from ${table} order by station_id, observed_at`)).rows
  const countOf = async (table: string) =>
    (await database.query<{ count: number }>(`select count(*)::int as count from ${table}`)).rows[0]!.count
  await waitFor(
    async () =>
      (await countOf('station_features')) >= vectors &&
      (await countOf('station_status')) >= vectors &&
      (await kafka.lagOf('features', [topics.stationStatus])) === 0,
    { what: `${vectors} vectors in the table` },
  )
  await Promise.all(services.map((service) => service.kill('SIGTERM')))
  const { rows } = await database.query(
    'select * from station_features order by station_id, as_of, polled_at',
  )
  // When it was first known differs by the moments between two polls.
  const status = 'station_id, observed_at, reported_at, bikes, ebikes, docks, capacity, latitude, longitude'
  return { features: rows, status: await rowsIn(status, 'station_status') }
}

test('two producers of one system lead to the features and the tables of one', async (context) => {
  const operator = await serveOperator()
  context.after(() => operator.close())
  const [two, one] = await Promise.all([createTestKafka(), createTestKafka()])
  context.after(() => Promise.all([two.close(), one.close()]))
  const databases = await Promise.all([createTestDatabase(), createTestDatabase()])
  context.after(() => Promise.all(databases.map(({ drop }) => drop())))
  const folder = mkdtempSync(join(tmpdir(), 'velocast-producers-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const systemsFile = join(folder, 'systems.json')
  writeFileSync(systemsFile, JSON.stringify({ systems: [operator.system] }))

  const both = [1, 2].map(() =>
    spawn(context, producers, {
      ...two.env,
      SYSTEMS_FILE: systemsFile,
      POLL_EVERY_SECONDS: '1',
      LOG_LEVEL: 'debug',
    }),
  )
  const publishedBy = (service: (typeof both)[number]) =>
    service.events().filter(({ feed, outcome }) => feed === 'station_status' && outcome === 'PUBLISHED')
      .length
  await waitFor(() => both.every((service) => publishedBy(service) >= POLLS), {
    what: `${POLLS} polls of either producer`,
  })
  await Promise.all(both.map((service) => service.kill('SIGTERM')))

  const statuses = await readValues(two.kafka, topics.stationStatus)
  const distinct = firstOfEach(statuses)
  assert.ok(statuses.length > distinct.length, 'the same is in the log twice')
  const producer = await one.kafka.openProducer()
  const copy = async <T>(topic: Topic<T>, values: readonly T[]) =>
    producer.send(values.map((value) => ({ topic, value })))
  await copy(topics.weatherObservations, await readValues(two.kafka, topics.weatherObservations))
  await copy(topics.stationStatus, distinct)
  await producer.close()

  const [ofTwo, ofOne] = await Promise.all([
    tablesOf(context, two, databases[0], systemsFile),
    tablesOf(context, one, databases[1], systemsFile),
  ])
  assert.ok(ofOne.features.length >= POLLS * STATION_IDS.length)
  assert.deepEqual(ofTwo.features, ofOne.features)
  assert.deepEqual(ofTwo.status, ofOne.status)
})
