import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StationStatus, WeatherObservation } from '@velocast/schemas'
import fc from 'fast-check'
import { arrivalsOf, steadyTimeline, timeline, weatherReads } from './generated-streams.ts'
import { createSystemHistory, vectorFeatureNames, vectorFeatures } from './index.ts'
import { oracleVector } from './oracle.ts'

const system = { systemId: 'demo-city', timeZone: 'America/New_York', country: 'US', guardMs: 120_000 }
const newVector = (): Float32Array => new Float32Array(vectorFeatureNames.length).fill(-12345)

const assertIsOracle = (
  vector: Float32Array,
  arrived: readonly StationStatus[],
  weather: readonly WeatherObservation[],
): void => {
  const expected = oracleVector(arrived, weather, system)
  assert.deepEqual([...expected.keys()], vectorFeatureNames)
  for (const [at, name] of vectorFeatureNames.entries())
    assert.ok(
      Object.is(vector[at], Math.fround(expected.get(name)!)),
      `${name} is ${vector[at]}, the oracle says ${expected.get(name)}`,
    )
}

test('every feature is bit for bit what loops over all observations give, late, repeated and missing ones included', () => {
  fc.assert(
    fc.property(arrivalsOf(timeline(120)), weatherReads, (statuses, weather) => {
      const history = createSystemHistory(system)
      for (const read of weather) history.applyWeather(read)
      const arrived: StationStatus[] = []
      for (const status of statuses) {
        const vector = newVector()
        const isNewest = arrived.every((other) => other.observedAt < status.observedAt)
        const outcome = history.observe(status, vector)
        assert.equal(outcome === 'vector', isNewest)
        if (outcome !== 'too-late') arrived.push(status)
        if (isNewest) assertIsOracle(vector, arrived, weather)
      }
    }),
    { numRuns: 60 },
  )
})

test('the same over a week and more, when the windows are full and the ring has gone round', () => {
  fc.assert(
    fc.property(arrivalsOf(steadyTimeline), weatherReads, (statuses, weather) => {
      const history = createSystemHistory(system)
      for (const read of weather) history.applyWeather(read)
      const arrived: StationStatus[] = []
      for (const [place, status] of statuses.entries()) {
        const vector = newVector()
        const outcome = history.observe(status, vector)
        if (outcome !== 'too-late') arrived.push(status)
        if (outcome === 'vector' && place % 50 === 0) assertIsOracle(vector, arrived, weather)
      }
    }),
    // To shrink a stream of 860 would take minutes.
    { numRuns: 12, endOnFailure: true },
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

  const neverMissing = vectorFeatures
    .filter(({ missingWhen }) => missingWhen === 'never')
    .map(({ name }) => name)
  assert.deepEqual(
    vectorFeatureNames.filter((name) => !present.has(name)),
    [],
  )
  // Only of holidays nothing is known without a country, and the system here has one.
  assert.deepEqual(
    vectorFeatureNames.filter((name) => !missing.has(name) && name !== 'is_holiday'),
    neverMissing,
  )
})
