import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceivedRecord, TopicRecord } from '@velocast/kafka'
import { parseSystems } from '@velocast/runtime'
import { type StationStatus, topics } from '@velocast/schemas'
import { silentLog } from '@velocast/testkit'
import { Registry } from 'prom-client'
import { stationFeatures } from './station-features.ts'
import { createTelemetry } from './telemetry.ts'
import { generateLog } from './testing/city-log.ts'

const systemId = 'traced-city'
const systems = parseSystems(
  {
    systems: [
      {
        systemId,
        gbfs: 'http://127.0.0.1/gbfs.json',
        timeZone: 'Europe/Oslo',
        country: 'NO',
        latitude: 59.9,
        longitude: 10.7,
      },
    ],
  },
  'test',
)
const clock = { now: () => Date.UTC(2026, 4, 5) }

/** All that follows from a small city's observations, among them late ones, each poll with its place in a trace. */
const outputsOf = async (placeOf: (polledAt: number) => string | null): Promise<TopicRecord[]> => {
  const telemetry = createTelemetry({ log: silentLog, metrics: new Registry(), clock })
  const stage = stationFeatures({ systems, clock, telemetry, maxRecords: 100, snapshotEveryMs: 3_600_000 })
  const task = stage.open(0)
  await task.restoreFrom(0)
  const firstAt = Date.UTC(2026, 4, 1)
  const log = generateLog({ systemId, seed: 3, stations: 3, polls: 120, firstAt })
  const statuses = log
    .filter(({ topic }) => topic.name === 'station-status')
    .map(({ value }) => value as StationStatus)
  const records = statuses.map((value, offset): ReceivedRecord<StationStatus> => {
    const place = placeOf(value.polledAt)
    return {
      topic: topics.stationStatus,
      partition: 0,
      offset,
      key: `${systemId}/${value.stationId}`,
      value,
      eventAt: value.observedAt,
      headers: place === null ? {} : { traceparent: place, other: 'stays behind' },
      raw: { key: null, value: null, headers: {} },
    }
  })
  return task.handle(records, { publishFrom: 0, snapshotOffset: null }).outputs
}

test('a vector carries on the trace of its observation, and its bytes are the same as without', async () => {
  const plain = await outputsOf(() => null)
  const traced = await outputsOf((polledAt) => `poll-${polledAt}`)
  assert.ok(plain.length > 200)
  assert.deepEqual(
    traced.map(({ encoded }) => encoded),
    plain.map(({ encoded }) => encoded),
  )
  for (const { headers } of plain) assert.equal(headers, undefined)
  for (const { headers, value } of traced)
    assert.deepEqual(headers, { traceparent: `poll-${value.polledAt}` })
})
