import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { partitionOf } from '@velocast/kafka'
import { type StationVector, topics } from '@velocast/schemas'
import { createTestKafka, seededRandom, spawnService, waitFor } from '@velocast/testkit'
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

describe('three features processors, one killed and one added again and again', () => {
  const undo: (() => Promise<unknown>)[] = []
  after(async () => {
    for (const each of undo.reverse()) await each()
  })

  it('publish, under load, the very vectors of an undisturbed run', async () => {
    const test = await createTestKafka({ partitions: PARTITIONS })
    undo.push(() => test.close())
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
      withinMs: 60_000,
      what: `all ${expected.size} vectors`,
    })
    assert.ok(kills >= 5)
    assert.equal(seen.size, expected.size)
    const differing = differences(expected, seen)
    assert.deepEqual(differing.slice(0, 20), [], `${differing.length} values differ`)
  })
})
