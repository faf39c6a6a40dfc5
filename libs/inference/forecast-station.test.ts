import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createCalendar,
  modelFeatureNames,
  noPast,
  targetFeatureNames,
  vectorFeatureNames,
  writeTargetFeatures,
} from '@velocast/features'
import { forecastStation, forecastStations, writeModelRows } from './forecast-station.ts'
import { modelColumnsOf } from './model-columns.ts'
import { openBundle } from './open-bundle.ts'
import { firstModelFeatures, firstModelFingerprint } from './testing/first-model-features.ts'
import { makeBundle } from './testing/index.ts'

const hourMs = 3_600_000
const asOf = Date.UTC(2026, 4, 4, 8)
const calendar = createCalendar({ timeZone: 'Europe/Oslo', country: 'NO' })
const vector = Float32Array.from(vectorFeatureNames, (_, index) =>
  index % 7 === 6 ? Number.NaN : 10 + index / 4,
)
const station = (hours: number) => ({
  vector,
  asOf,
  targets: Array.from({ length: hours }, (_, index) => asOf + (index + 1) * hourMs),
  weatherForecast: null,
  calendar,
  past: noPast,
})

test('a row is the vector and then the features of its target', () => {
  const rows = new Float32Array(3 * modelFeatureNames.length)
  writeModelRows(modelColumnsOf(modelFeatureNames), station(3), rows)
  for (const row of [0, 1, 2]) {
    const expected = new Float32Array(modelFeatureNames.length)
    expected.set(vector)
    writeTargetFeatures(
      { calendar, vector, asOf, targetAt: asOf + (row + 1) * hourMs, forecast: null, past: noPast },
      expected,
      vectorFeatureNames.length,
    )
    const from = row * modelFeatureNames.length
    assert.deepEqual(rows.subarray(from, from + modelFeatureNames.length), expected)
  }
})

test('a model with its own choice and order of features gets the same values by name', () => {
  const names = ['target_hour_sin', 'bikes_lag_24h', 'horizon_hours', 'bikes', 'bikes_lag_15m']
  const all = new Float32Array(2 * modelFeatureNames.length)
  const some = new Float32Array(2 * names.length)
  writeModelRows(modelColumnsOf(modelFeatureNames), station(2), all)
  writeModelRows(modelColumnsOf(names), station(2), some)
  for (const row of [0, 1])
    assert.deepEqual(
      names.map((_, column) => some[row * names.length + column]),
      names.map((name) => all[row * modelFeatureNames.length + modelFeatureNames.indexOf(name)]),
    )
})

test('a week scored in several runs equals the same hours scored alone', async () => {
  const { read, manifestSha256 } = makeBundle({ trees: 120, leaves: 16 })
  const opened = await openBundle({ read, manifestSha256 })
  assert.ok(opened.ok)
  const { bundle } = opened
  const week = await forecastStation({ ...station(168), bundle, capacity: 40 })
  for (const hour of [0, 47, 48, 100, 167]) {
    const targets = [asOf + (hour + 1) * hourMs]
    const alone = await forecastStation({ ...station(1), targets, bundle, capacity: 40 })
    assert.deepEqual(alone.bikes_mean[0], week.bikes_mean[hour])
    assert.deepEqual(alone.bikes_q95[0], week.bikes_q95[hour])
  }
  assert.equal(new Set(week.bikes_mean).size > 1, true, 'the target is among what the trees look at')
  await bundle.release()
})

test('stations forecast together, each at its own targets, are forecast as each alone', async () => {
  const { read, manifestSha256 } = makeBundle({ trees: 60, leaves: 16 })
  const opened = await openBundle({ read, manifestSha256 })
  assert.ok(opened.ok)
  const { bundle } = opened
  const stations = [30, 1, 24, 7].map((hours, index) => ({
    ...station(hours),
    vector: vector.map((value) => value + index),
    asOf: asOf - index * 60_000,
    capacity: index === 2 ? null : 30 + index,
  }))
  const together = await forecastStations(bundle, stations)
  for (const [index, each] of stations.entries())
    assert.deepEqual(together[index], await forecastStation({ ...each, bundle }))
  assert.deepEqual(await forecastStations(bundle, []), [])
  await bundle.release()
})

test('a model that was trained before the list of features grew is opened, and sees the features by their names', async () => {
  const { read, manifestSha256 } = makeBundle({
    trees: 30,
    features: firstModelFeatures,
    spoil: ({ manifest }) => {
      manifest.fingerprint = firstModelFingerprint
    },
  })
  const opened = await openBundle({ read, manifestSha256 })
  assert.ok(opened.ok, JSON.stringify(opened))
  const { bundle } = opened
  const row = new Float32Array(firstModelFeatures.length)
  writeModelRows(bundle.columns, station(1), row)
  const target = new Float32Array(targetFeatureNames.length)
  writeTargetFeatures(
    { calendar, vector, asOf, targetAt: asOf + hourMs, forecast: null, past: noPast },
    target,
    0,
  )
  const valueByName = new Map([
    ...vectorFeatureNames.map((name, at) => [name, vector[at]] as const),
    ...targetFeatureNames.map((name, at) => [name, target[at]] as const),
  ])
  assert.deepEqual(
    [...row],
    firstModelFeatures.map((name) => valueByName.get(name)),
  )
  const scored = await bundle.scorer.score(row, 1)
  const forecast = await forecastStation({ ...station(1), bundle, capacity: 40 })
  const bikesNow = vector[vectorFeatureNames.indexOf('bikes')]!
  const change = scored.bikes_mean![0]!
  assert.equal(forecast.bikes_mean[0], Math.min(40, Math.max(0, bikesNow + change)))
  await bundle.release()
})

test('the vector may be overwritten as soon as the call has returned', async () => {
  const { read, manifestSha256 } = makeBundle({ leafSpread: 0, base: { bikes_mean: 1 } })
  const opened = await openBundle({ read, manifestSha256 })
  assert.ok(opened.ok)
  const own = Float32Array.from(vector)
  own[vectorFeatureNames.indexOf('bikes')] = 5
  const forecast = forecastStation({ ...station(2), vector: own, bundle: opened.bundle, capacity: 40 })
  own.fill(30)
  assert.deepEqual((await forecast).bikes_mean, [6, 6])
  await opened.bundle.release()
})

test('every target feature can be used by a model', () => {
  assert.equal(modelColumnsOf(targetFeatureNames).ofTarget.length, 2 * targetFeatureNames.length)
  assert.throws(() => modelColumnsOf(['moon_phase']), /moon_phase/)
})
