import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Follower, TopicRecord } from '@velocast/kafka'
import { type DataQuality, topics } from '@velocast/schemas'
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

const systemId = 'testville'
const stations = 20
const polls = 4 * 96
/** Station 3 is late by an hour now and then. */
const statuses = [...generateStatus({ seed: 3, systemId, stations, polls })]
  .map((status, index) =>
    status.stationId === 'station-3' && Math.floor(index / stations) % 7 === 0
      ? { ...status, polledAt: status.polledAt + 60 * 60_000 }
      : status,
  )
  .sort((a, b) => a.polledAt - b.polledAt)

/** On either side of the generated stations. */
const weatherLocations = [
  { locationId: 'west', latitude: 47.3, longitude: 8.5 },
  { locationId: 'east', latitude: 47.3, longitude: 8.6 },
]

describe('the check of live vectors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'velocast-check-'))
  const services: SpawnedService[] = []
  const results: DataQuality[] = []
  let made: TestDatabase
  let broker: TestKafka
  let follower: Follower
  let check: SpawnedService

  before(async () => {
    const systemsFile = join(folder, 'systems.json')
    const place = { timeZone: 'Europe/Oslo', country: 'NO', latitude: 59.9, longitude: 10.7 }
    writeFileSync(
      systemsFile,
      JSON.stringify({
        systems: [{ systemId, gbfs: 'http://127.0.0.1/gbfs.json', ...place, weatherLocations }],
      }),
    )
    ;[made, broker] = await Promise.all([createTestDatabase(), createTestKafka()])
    const producer = await broker.kafka.openProducer()
    for (const [seed, { locationId }] of weatherLocations.entries())
      await producer.send(
        [...generateWeather({ seed, systemId, polls })].map(
          ({ observation }): TopicRecord => ({
            topic: topics.weatherObservations,
            value: { ...observation, locationId },
          }),
        ),
      )
    await producer.send(statuses.map((value): TopicRecord => ({ topic: topics.stationStatus, value })))
    await producer.close()
    const env = { ...broker.env, DATABASE_URL: made.url, SYSTEMS_FILE: systemsFile }
    const start = (file: string, more: Record<string, string> = {}): SpawnedService => {
      const service = spawnService(new URL(file, import.meta.url), { ...env, ...more })
      services.push(service)
      return service
    }
    start('../features/main.ts')
    start('../../sinks/timescale/main.ts')
    await waitFor(
      async () =>
        (await broker.lagOf('features', [topics.stationStatus])) === 0 &&
        (await broker.lagOf('timescale-sink.station-features', [topics.stationFeatures])) === 0,
      { what: 'all vectors in the table' },
    )
    follower = await broker.kafka.follow({
      topics: [topics.dataQuality],
      from: 'end',
      onRecords: (records) => {
        for (const { value } of records) if (value.rule === 'feature-parity') results.push(value)
      },
    })
    check = start('./main.ts', {
      CHECK_EVERY_SECONDS: '1',
      CHECK_WINDOW_MINUTES: '180',
      CHECK_DELAY_MINUTES: '0',
    })
  })
  after(async () => {
    await Promise.all(services.map((service) => service.kill('SIGKILL')))
    await follower?.stop()
    rmSync(folder, { recursive: true, force: true })
    await Promise.all([made.drop(), broker.close()])
  })

  const nextVerdict = async (status: DataQuality['status']): Promise<DataQuality> =>
    waitFor(() => results.find((result) => result.status === status), {
      what: `a check that ends in ${status}`,
      lines: check.lines,
    })

  test('finds that what the pipeline has written is, to the last bit, what the log says', async () => {
    const { value, actual, detail } = await nextVerdict('PASS')
    assert.deepEqual([value, actual], [0, '0'])
    assert.match(detail!, /^(2\d\d) of \1 vectors/)
  })

  test('finds a value that was changed, and names it', async () => {
    const { rowCount } = await made.database.query(
      `update station_features set bikes_lag_1h = bikes_lag_1h + 2
       where station_id = 'station-7' and as_of > now() - interval '80 minutes'`,
    )
    assert.ok(rowCount > 0)
    const { value, detail } = await nextVerdict('FAIL')
    assert.equal(value, 2)
    assert.match(detail!, new RegExp(`bikes_lag_1h in ${rowCount} rows, such as station station-7`))
    assert.equal(await check.kill('SIGTERM'), 0)
  })
})
