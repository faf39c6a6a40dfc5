/**
 * How long a reading takes: from before its append to `station-status` until its vector is in a follower's memory, as a
 * predictor holds it, and until its row can be read in `station_features`. By the deployed features processor and sink.
 *
 *   … node bench/latency.ts [--json] [--polls 100]
 *
 * The baseline, in the same run, is what the broker alone takes: from before the append until a bare follower of
 * `station-status` itself has the record.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type StationStatus, topics } from '@velocast/schemas'
import { createTestDatabase, createTestKafka, generateStatus, spawnService, waitFor } from '@velocast/testkit'

const { values: args } = parseArgs({
  options: { json: { type: 'boolean', default: false }, polls: { type: 'string', default: '100' } },
})

const SYSTEM = 'city-0'
const sizes = [60, 600]
const EVERY_MS = 150
const polls = Number(args.polls)
const systemsFile = join(mkdtempSync(join(tmpdir(), 'velocast-bench-')), 'systems.json')
writeFileSync(
  systemsFile,
  JSON.stringify({
    systems: [
      {
        systemId: SYSTEM,
        gbfs: 'http://127.0.0.1/gbfs.json',
        timeZone: 'Europe/Oslo',
        country: 'NO',
        latitude: 59.9,
        longitude: 10.7,
      },
    ],
  }),
)

const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(1))
}
const summary = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p95: quantile(values, 0.95),
  p99: quantile(values, 0.99),
})

const pollsOf = (stations: number): StationStatus[][] => {
  const byPoll = new Map<number, StationStatus[]>()
  for (const status of generateStatus({ seed: 1, systemId: SYSTEM, stations, polls: polls + 5 }))
    byPoll.set(status.observedAt, [...(byPoll.get(status.observedAt) ?? []), status])
  return [...byPoll.values()]
}

const measure = async (stations: number) => {
  const test = await createTestKafka()
  const { database, url, drop } = await createTestDatabase()
  const env = { ...test.env, DATABASE_URL: url, SYSTEMS_FILE: systemsFile, LOG_LEVEL: 'info' }
  const features = spawnService(new URL('../stream-processors/features/main.ts', import.meta.url), env)
  const sink = spawnService(new URL('../sinks/timescale/main.ts', import.meta.url), env)
  const producer = await test.kafka.openProducer()
  const seenAt = { status: new Map<number, number>(), vector: new Map<number, number>() }
  const counts = { status: new Map<number, number>(), vector: new Map<number, number>() }
  const note = (kind: 'status' | 'vector', moment: number): void => {
    const count = (counts[kind].get(moment) ?? 0) + 1
    counts[kind].set(moment, count)
    if (count === stations) seenAt[kind].set(moment, performance.now())
  }
  const followers = await Promise.all([
    test.kafka.follow({
      topics: [topics.stationFeatures],
      from: 'beginning',
      onRecords: (records) => {
        for (const { value } of records) note('vector', value.asOf)
      },
    }),
    test.kafka.follow({
      topics: [topics.stationStatus],
      from: 'beginning',
      onRecords: (records) => {
        for (const { value } of records) note('status', value.observedAt)
      },
    }),
  ])
  const latencies = { broker: [] as number[], memory: [] as number[], row: [] as number[] }
  try {
    for (const [index, poll] of pollsOf(stations).entries()) {
      const moment = poll[0]!.observedAt
      const sentAt = performance.now()
      await producer.send(poll.map((value) => ({ topic: topics.stationStatus, value })))
      const within = { withinMs: 60_000, everyMs: 1 }
      await waitFor(
        async () => {
          const { rows } = await database.query<{ count: number }>(
            'select count(*) from station_features where system_id = $1 and as_of = to_timestamp($2::float8 / 1000)',
            [SYSTEM, moment],
          )
          return rows[0]!.count === stations
        },
        { ...within, what: 'rows of the poll' },
      )
      const rowAt = performance.now()
      const vectorAt = await waitFor(() => seenAt.vector.get(moment), {
        ...within,
        what: 'vectors of the poll',
      })
      const statusAt = await waitFor(() => seenAt.status.get(moment), { ...within, what: 'the poll itself' })
      // The first polls find processes that are still joining and code that is still cold.
      if (index < 5) continue
      latencies.row.push(rowAt - sentAt)
      latencies.memory.push(vectorAt - sentAt)
      latencies.broker.push(statusAt - sentAt)
      await wait(EVERY_MS)
    }
  } finally {
    await Promise.all([...followers.map((follower) => follower.stop()), features.kill(), sink.kill()])
    await producer.close()
    await test.close()
    await drop()
  }
  return {
    stations,
    brokerMs: summary(latencies.broker),
    memoryMs: summary(latencies.memory),
    rowMs: summary(latencies.row),
    ratioToBroker: Number((quantile(latencies.memory, 0.5) / quantile(latencies.broker, 0.5)).toFixed(1)),
  }
}

const measured = []
for (const stations of sizes) measured.push(await measure(stations))
const result = { name: 'latency', polls, measured }
if (args.json) console.log(JSON.stringify(result))
else
  for (const { stations, brokerMs, memoryMs, rowMs, ratioToBroker } of measured)
    console.log(
      `${stations} stations a poll: append → memory p50 ${memoryMs.p50} ms, p99 ${memoryMs.p99} ms (${ratioToBroker} × the broker alone, p50 ${brokerMs.p50} ms); → row p50 ${rowMs.p50} ms, p95 ${rowMs.p95} ms`,
    )
