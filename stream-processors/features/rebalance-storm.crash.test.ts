import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { vectorFeatureNames } from '@velocast/features'
import { partitionOf } from '@velocast/kafka'
import { type StationVector, topics } from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  seededRandom,
  spawnService,
  type TestDatabase,
  waitFor,
} from '@velocast/testkit'
import {
  asOneSend,
  bytesOf,
  differences,
  generateLog,
  vectorKey,
  vectorsByLibrary,
} from './testing/city-log.ts'

const PARTITIONS = 6
/** `VELOCAST_STORM_SECONDS=180` for the long one, with a kill every 10 s. */
const STORM_MS = Number(process.env.VELOCAST_STORM_SECONDS ?? 25) * 1000
const KILL_EVERY_MS = Math.min(10_000, STORM_MS / 5)
const STATIONS = 40
const POLLS = Math.max(250, Math.ceil(STORM_MS / 100))
const FIRST_AT = Math.floor(Date.now() / 86_400_000) * 86_400_000 - Math.ceil(POLLS / 96 + 1) * 86_400_000

/** One city in each partition, so that every processor has some of them. */
const cities = Array.from({ length: PARTITIONS }, (_, partition) => {
  for (let number = 0; ; number++)
    if (partitionOf(`city-${number}`, PARTITIONS) === partition)
      return { systemId: `city-${number}`, timeZone: 'Europe/Oslo', country: 'NO' }
})

/** What a storm leaves behind grows with it. */
const CATCHES_UP_WITHIN_MS = 180_000 + STORM_MS

describe('three features processors, one killed and one added again and again', () => {
  const undo: (() => Promise<unknown>)[] = []
  after(async () => {
    for (const each of undo.reverse()) await each()
  })

  it('leave, under load, the very vectors of an undisturbed run in topic and table', async () => {
    const [test, tables] = await Promise.all([
      createTestKafka({ partitions: PARTITIONS }),
      createTestDatabase(),
    ])
    undo.push(
      () => test.close(),
      () => tables.drop(),
    )
    const systemsFile = join(mkdtempSync(join(tmpdir(), 'velocast-')), 'systems.json')
    const place = { gbfs: 'http://127.0.0.1/gbfs.json', latitude: 59.9, longitude: 10.7 }
    const systems = cities.map((city) => ({ ...city, ...place, modelName: city.systemId }))
    writeFileSync(systemsFile, JSON.stringify({ systems }))
    const logs = cities.map(({ systemId }, seed) =>
      generateLog({ systemId, seed, stations: STATIONS, polls: POLLS, firstAt: FIRST_AT }),
    )
    const expected = new Map(cities.flatMap((city, index) => [...vectorsByLibrary(city, logs[index]!)]))

    const seen = new Map<string, Buffer>()
    const follower = await test.kafka.follow({
      topics: [topics.stationFeatures],
      from: 'beginning',
      onRecords(records) {
        for (const { value } of records) {
          const vector = value as StationVector
          const bytes = bytesOf(vector.vector)
          const earlier = seen.get(vectorKey(vector))
          if (earlier) assert.ok(earlier.equals(bytes), `two different vectors of ${vectorKey(vector)}`)
          seen.set(vectorKey(vector), bytes)
        }
      },
    })
    undo.push(() => follower.stop())
    const start = () =>
      spawnService(new URL('./main.ts', import.meta.url), {
        ...test.env,
        SYSTEMS_FILE: systemsFile,
        SNAPSHOT_EVERY_SECONDS: '5',
        BATCH_RECORDS: '100',
        LOG_LEVEL: 'info',
      })
    const sink = spawnService(new URL('../../sinks/timescale/main.ts', import.meta.url), {
      ...test.env,
      DATABASE_URL: tables.url,
    })
    undo.push(() => sink.kill('SIGKILL'))
    let processors = [start(), start(), start()]
    undo.push(() => Promise.all(processors.map((each) => each.kill('SIGKILL'))))

    const producer = await test.kafka.openProducer()
    undo.push(() => producer.close())
    const longest = Math.max(...logs.map((log) => log.length))
    const startedAt = performance.now()
    const load = (async () => {
      for (let from = 0; from < longest; from += 200) {
        await producer.send(asOneSend(logs.flatMap((log) => log.slice(from, from + 200))))
        // As much as is due at this moment of the storm, and then the next.
        await wait(Math.max(0, startedAt + ((from + 200) / longest) * STORM_MS - performance.now()))
      }
    })()
    const random = seededRandom(5)
    let kills = 0
    while (performance.now() - startedAt < STORM_MS) {
      await wait(KILL_EVERY_MS)
      const [victim] = processors.splice(Math.floor(random() * processors.length), 1)
      await victim!.kill('SIGKILL')
      processors = [...processors, start()]
      kills += 1
    }
    await load
    await waitFor(() => seen.size >= expected.size, {
      withinMs: CATCHES_UP_WITHIN_MS,
      what: `all ${expected.size} vectors`,
    })
    assert.ok(kills >= 5)
    assert.equal(seen.size, expected.size)
    const differing = differences(expected, seen)
    assert.deepEqual(differing.slice(0, 20), [], `${differing.length} values differ`)

    await waitFor(
      async () =>
        (await test.lagOf('features', [topics.stationStatus])) === 0 &&
        (await test.lagOf('timescale-sink.station-features', [topics.stationFeatures])) === 0,
      { withinMs: CATCHES_UP_WITHIN_MS, everyMs: 200, what: 'the sink is through', lines: sink.lines },
    )
    const inTable = await vectorsInTable(tables)
    assert.equal(inTable.size, expected.size)
    const differingRows = differences(expected, inTable)
    assert.deepEqual(differingRows.slice(0, 20), [], `${differingRows.length} values differ in the table`)
    console.log(
      `${kills} kills in ${STORM_MS / 1000} s, ${expected.size} vectors; ` +
        `topic and table were through ${Math.round((performance.now() - startedAt - STORM_MS) / 1000)} s later`,
    )
  })
})

/** By station, since all at once do not fit in memory. */
const vectorsInTable = async ({ database }: TestDatabase): Promise<Map<string, Buffer>> => {
  const vectors = new Map<string, Buffer>()
  const { rows: stations } = await database.query<{ system_id: string; station_id: string }>(
    'select distinct system_id, station_id from station_features',
  )
  for (const { system_id: systemId, station_id: stationId } of stations) {
    const { rows } = await database.query<Record<string, number>>(
      'select * from station_features where system_id = $1 and station_id = $2',
      [systemId, stationId],
    )
    for (const row of rows) {
      const key = vectorKey({ systemId, stationId, asOf: row.as_of!, polledAt: row.polled_at! })
      vectors.set(key, bytesOf(Float32Array.from(vectorFeatureNames, (name) => row[name]!)))
    }
  }
  return vectors
}
