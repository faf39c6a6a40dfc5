import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { columnNames, createRowWriter, type Database, distinctRows, topicTables } from '@velocast/db'
import { createSystemHistory, type SystemHistory, vectorFeatureNames } from '@velocast/features'
import { parseSystems, type System } from '@velocast/runtime'
import { type StationVector, topics, type WeatherObservation } from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  generateStatus,
  generateWeather,
  type TestDatabase,
  type TestKafka,
} from '@velocast/testkit'
import { type Comparison, compareVectors } from './compare-vectors.ts'
import type { ReplaySource } from './plan-reading.ts'
import { type ReplayResult, replaySystem } from './replay-system.ts'

const systemId = 'testville'
const [system] = parseSystems(
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
) as [System]

const stations = 8
const polls = 12 * 96
/** Some became known hours late. */
const statuses = [...generateStatus({ seed: 5, systemId, stations, polls })]
  .map((status, index) =>
    index % 53 === 7 && index < (polls - 40) * stations
      ? { ...status, polledAt: status.polledAt + (1 + (index % 9)) * 60 * 60_000 }
      : status,
  )
  .sort((a, b) => a.polledAt - b.polledAt)
const weather = [...generateWeather({ seed: 5, systemId, polls })].map(({ observation }) =>
  asStored(observation),
)
/** The last two days, as a window of polledAt. */
const toMs = statuses.at(-1)!.polledAt + 1
const fromMs = toMs - 2 * 24 * 60 * 60_000

/** What is older is no longer in the log. */
const logFromMs = toMs - 5 * 24 * 60 * 60_000

/** Floats as they are after a journey through Avro. */
function asStored(observation: WeatherObservation): WeatherObservation {
  return Object.fromEntries(
    Object.entries(observation).map(([name, value]) => [
      name,
      typeof value === 'number' && !name.endsWith('At') ? Math.fround(value) : value,
    ]),
  ) as unknown as WeatherObservation
}

/** What the live stage would have published. */
const liveVectors = (): StationVector[] => {
  const history = createSystemHistory(system)
  const vector = new Float32Array(vectorFeatureNames.length)
  for (const observation of weather) history.applyWeather(observation)
  return statuses.flatMap((status) => {
    const { stationId, observedAt, polledAt } = status
    const vectorAsOf = (asOf: number, values: Float32Array): StationVector => ({
      systemId,
      stationId,
      asOf,
      polledAt,
      names: vectorFeatureNames,
      vector: values.slice(),
    })
    const outcome = history.observe(status, vector)
    if (outcome === 'vector') return [vectorAsOf(observedAt, vector)]
    assert.equal(outcome, 'late')
    const amended: StationVector[] = []
    history.dependants(stationId, observedAt, (asOf, values) => amended.push(vectorAsOf(asOf, values)))
    return amended
  })
}

describe('a replay', () => {
  let made: TestDatabase
  let broker: TestKafka
  let database: Database
  const vectors = liveVectors()
  const inWindow = vectors.filter(({ polledAt }) => polledAt >= fromMs).length

  before(async () => {
    ;[made, broker] = await Promise.all([createTestDatabase(), createTestKafka()])
    database = made.database
    const { stationStatus, weatherObservations, stationFeatures } = topicTables
    const write = createRowWriter(database)
    await write(stationStatus, distinctRows(stationStatus, statuses))
    await write(weatherObservations, distinctRows(weatherObservations, weather))
    await write(stationFeatures, distinctRows(stationFeatures, vectors))
    const producer = await broker.kafka.openProducer()
    const isInLog = ({ polledAt }: { polledAt: number }) => polledAt >= logFromMs
    await producer.send(
      weather.filter(isInLog).map((value) => ({ topic: topics.weatherObservations, value })),
    )
    await producer.send(statuses.filter(isInLog).map((value) => ({ topic: topics.stationStatus, value })))
    await producer.close()
  })
  after(() => Promise.all([made.drop(), broker.close()]))

  let result: ReplayResult
  const compare = async ({
    system: of = system,
    ...options
  }: {
    system?: System
    source?: ReplaySource
    createHistory?: (system: System) => SystemHistory
  } = {}): Promise<Comparison> => {
    const sink = compareVectors(database, { systemId: of.systemId, fromMs, toMs })
    result = await replaySystem({
      kafka: broker.kafka,
      database,
      system: of,
      fromMs,
      toMs,
      source: 'table',
      sink,
      signal: new AbortController().signal,
      ...options,
    })
    return sink.result()
  }

  test('of unchanged code finds every vector in the table, bit for bit', async () => {
    const { equal, different, missingInTable, missingInReplay, features } = await compare()
    assert.deepEqual(
      { equal, different, missingInTable, missingInReplay, features },
      { equal: inWindow, different: 0, missingInTable: 0, missingInReplay: 0, features: [] },
    )
  })

  test('reads the log as far back as it goes, and before that the table', async () => {
    const { equal, different } = await compare({ source: 'auto' })
    assert.deepEqual({ equal, different }, { equal: inWindow, different: 0 })
    const [inTable, inLog] = result.parts
    assert.deepEqual([inTable!.part, inLog!.part], ['table', 'log'])
    const firstInLog = statuses.find(({ polledAt }) => polledAt >= logFromMs)!.polledAt
    assert.deepEqual([inTable!.firstPolledAt, inTable!.lastPolledAt], [statuses[0]!.polledAt, firstInLog])
    assert.equal(inTable!.observations + inLog!.observations, statuses.length)
  })

  test('reads the table alone when the log knows nothing of the system', async () => {
    const forgotten = { ...system, systemId: 'forgotten' }
    for (const { table, columns } of [
      topicTables.stationStatus,
      topicTables.weatherObservations,
      topicTables.stationFeatures,
    ]) {
      const others = columnNames(columns).filter((name) => name !== 'system_id')
      await database.query(
        `insert into ${table} (system_id, ${others.join(', ')}) select 'forgotten', ${others.join(', ')} from ${table}`,
      )
    }
    const { equal, different, missingInReplay } = await compare({ source: 'auto', system: forgotten })
    assert.deepEqual([equal, different, missingInReplay], [inWindow, 0, 0])
    assert.deepEqual(
      result.parts.map(({ part, observations }) => [part, observations]),
      [['table', statuses.length]],
    )
  })

  test('of the log alone is what follows from the log alone', async () => {
    const { different, features } = await compare({ source: 'log' })
    assert.equal(different, inWindow)
    assert.ok(features.some(({ feature, largest }) => feature === 'bikes_lag_168h' && largest === null))
    assert.deepEqual(
      result.parts.map(({ part }) => part),
      ['log'],
    )
  })

  test('of code in which one formula is changed names exactly that feature', async () => {
    const position = vectorFeatureNames.indexOf('bikes')
    const change = (vector: Float32Array): void => {
      vector[position] = vector[position]! + 0.5
    }
    const createHistory = (of: System): SystemHistory => {
      const history = createSystemHistory(of)
      return {
        ...history,
        observe(status, into) {
          const outcome = history.observe(status, into)
          if (outcome === 'vector') change(into)
          return outcome
        },
        dependants: (stationId, after, take) =>
          history.dependants(stationId, after, (asOf, vector) => {
            change(vector)
            take(asOf, vector)
          }),
      }
    }
    const { equal, different, features } = await compare({ createHistory })
    assert.deepEqual({ equal, different }, { equal: 0, different: inWindow })
    const [{ feature, rows, largest, example }, ...others] = features as [Comparison['features'][number]]
    assert.deepEqual([feature, rows, largest, others], ['bikes', inWindow, 0.5, []])
    assert.equal(example.replayed, example.stored + 0.5)
  })

  test('finds what was changed in the table, lost from it or added to it', async () => {
    const [first, second] = vectors.filter(({ polledAt }) => polledAt >= fromMs) as [
      StationVector,
      StationVector,
    ]
    const where = 'system_id = $1 and station_id = $2 and as_of = $3 and polled_at = $4'
    const keyOf = ({ stationId, asOf, polledAt }: StationVector) => [
      systemId,
      stationId,
      new Date(asOf),
      new Date(polledAt),
    ]
    await database.query(
      `update station_features set bikes = '-0', docks = 'NaN' where ${where}`,
      keyOf(first),
    )
    await database.query(`delete from station_features where ${where}`, keyOf(second))
    await database.query(
      `insert into station_features (system_id, station_id, as_of, polled_at) values ($1, 'never seen', $2, $2)`,
      [systemId, new Date(second.polledAt)],
    )
    const found = await compare()
    const { equal, different, missingInTable, missingInReplay, features } = found
    assert.deepEqual(
      { equal, different, missingInTable, missingInReplay },
      { equal: inWindow - 2, different: 1, missingInTable: 1, missingInReplay: 1 },
    )
    assert.deepEqual(
      features.map(({ feature, largest }) => ({ feature, largest })),
      [
        { feature: 'bikes', largest: first.vector[0] },
        { feature: 'docks', largest: null },
      ],
    )
    assert.deepEqual(found.missingExample, {
      stationId: second.stationId,
      asOf: second.asOf,
      polledAt: second.polledAt,
    })
    assert.equal(found.hoursWithMore[0]!.rows, 1)
  })
})
