import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StationStatus, WeatherObservation } from '@velocast/schemas'
import fc from 'fast-check'
import {
  arrivalsOf,
  city,
  monthsTimeline,
  steadyTimeline,
  timeline,
  weatherReads,
} from './generated-streams.ts'
import { createSystemHistory, vectorFeatureNames, vectorFeatures } from './index.ts'
import { oracleVector } from './oracle.ts'

const system = { systemId: 'demo-city', timeZone: 'America/New_York', country: 'US', guardMs: 120_000 }
const newVector = (): Float32Array => new Float32Array(vectorFeatureNames.length).fill(-12345)

/** Feeds a system, and compares what it gives with the oracle wherever `isLookedAt` says so. */
const compareWithOracle = (
  statuses: readonly StationStatus[],
  weather: readonly WeatherObservation[],
  isLookedAt: (place: number) => boolean = () => true,
): void => {
  const history = createSystemHistory(system)
  for (const read of weather) history.applyWeather(read)
  const arrived: StationStatus[] = []
  const assertIsOracle = (stationId: string, asOf: number, vector: Float32Array): void => {
    const expected = oracleVector(arrived, stationId, asOf, weather, system)
    assert.deepEqual([...expected.keys()], vectorFeatureNames)
    for (const [at, name] of vectorFeatureNames.entries())
      assert.ok(
        // Adding 0 makes a zero of -0: there is only one.
        Object.is(vector[at], Math.fround(expected.get(name)!) + 0),
        `${name} of ${stationId} at ${asOf} is ${vector[at]}, the oracle says ${expected.get(name)}`,
      )
  }
  for (const [place, status] of statuses.entries()) {
    const { stationId, observedAt } = status
    const vector = newVector()
    const own = arrived.filter((other) => other.stationId === stationId)
    const isNewest = own.every((other) => other.observedAt < observedAt)
    const outcome = history.observe(status, vector)
    assert.equal(outcome === 'vector', isNewest)
    if (outcome !== 'too-late') arrived.push(status)
    if (!isLookedAt(place)) continue
    if (outcome === 'vector') assertIsOracle(stationId, observedAt, vector)
    if (outcome !== 'late') continue
    const due = own.filter((other) => other.observedAt > observedAt).map((other) => other.observedAt)
    const dependants: number[] = []
    history.dependants(stationId, observedAt, (asOf, again) => {
      dependants.push(asOf)
      if (asOf % 3 === 0) assertIsOracle(stationId, asOf, again)
    })
    assert.deepEqual(
      dependants,
      [...new Set(due)].sort((a, b) => a - b),
    )
  }
}

test('every feature is bit for bit what loops over all observations give, late, repeated and missing ones included', () => {
  fc.assert(
    fc.property(arrivalsOf(timeline(120)), weatherReads, (statuses, weather) => {
      compareWithOracle(statuses, weather)
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

test('the same for a system of stations that come, move and go, whose vectors see each other', () => {
  fc.assert(
    fc.property(arrivalsOf(city(9, 40)), weatherReads, (statuses, weather) => {
      compareWithOracle(statuses, weather)
    }),
    { numRuns: 25, endOnFailure: true },
  )
})

test('the same over a week and more, when the windows are full and the ring has gone round', () => {
  fc.assert(
    fc.property(arrivalsOf(steadyTimeline), weatherReads, (statuses, weather) => {
      compareWithOracle(statuses, weather, (place) => place % 50 === 0)
    }),
    // To shrink a stream of 860 would take minutes.
    { numRuns: 8, endOnFailure: true },
  )
})

test('the same over two months, with changes of the clocks, when all rings have gone round', () => {
  fc.assert(
    fc.property(arrivalsOf(monthsTimeline), (statuses) => {
      compareWithOracle(statuses, [], (place) => place % 40 === 0)
    }),
    { numRuns: 6, endOnFailure: true },
  )
})

test('the generated streams are bad enough: every feature has a value in some, and is missing in some where it may be', () => {
  const present = new Set<string>()
  const missing = new Set<string>()
  const look = (statuses: readonly StationStatus[], weather: readonly WeatherObservation[]): void => {
    const history = createSystemHistory(system)
    for (const read of weather) history.applyWeather(read)
    const vector = newVector()
    for (const status of statuses)
      if (history.observe(status, vector) === 'vector')
        for (const [at, name] of vectorFeatureNames.entries())
          (Number.isNaN(vector[at]) ? missing : present).add(name)
  }
  const seed = 1
  for (const [statuses, weather] of fc.sample(fc.tuple(timeline(80), weatherReads), { seed, numRuns: 30 }))
    look(statuses, weather)
  for (const statuses of fc.sample(steadyTimeline, { seed, numRuns: 2 })) look(statuses, [])
  for (const statuses of fc.sample(city(9, 40), { seed, numRuns: 10 })) look(statuses, [])

  const neverMissing = vectorFeatures
    .filter(({ missingWhen }) => missingWhen === 'never')
    .map(({ name }) => name)
  assert.deepEqual(
    vectorFeatureNames.filter((name) => !present.has(name)),
    [],
  )
  // Only of holidays nothing is known without a country, and the system here has one.
  const calendar = ['is_holiday', 'is_holiday_eve', 'is_school_free']
  assert.deepEqual(
    vectorFeatureNames.filter((name) => !missing.has(name) && !calendar.includes(name)),
    neverMissing,
  )
})
