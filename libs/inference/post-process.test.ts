import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ForecastQuantity, namedHours, postProcess } from './post-process.ts'
import { makeCalibration } from './testing/index.ts'

const names = [
  'bikes_mean',
  'bikes_q05',
  'bikes_q50',
  'bikes_q95',
  'p_bike',
  'p_dock',
  'departures_mean',
  'arrivals_mean',
] as const

const outputsOf = (rows: readonly (readonly number[])[]) =>
  Object.fromEntries(names.map((name, index) => [name, Float32Array.from(rows, (row) => row[index]!)]))

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 })
const anyShare = fc.float({ noNaN: true, min: 0, max: 1 })
const anyRow = fc.tuple(anyFloat, anyFloat, anyFloat, anyFloat, anyShare, anyShare, anyFloat, anyFloat)

test('whatever the graph says: means in [0, capacity], whole quantiles that never cross and agree with the probabilities', () => {
  fc.assert(
    fc.property(
      fc.array(anyRow, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 60 }),
      fc.option(fc.integer({ min: 0, max: 60 }), { nil: Number.NaN }),
      fc.option(fc.integer({ min: 1, max: 60 }), { nil: Number.NaN }),
      fc.array(fc.tuple(anyFloat, anyFloat, anyShare), { minLength: 1, maxLength: 4 }),
      (rows, bikes, docks, capacity, points) => {
        const values = postProcess({
          outputs: outputsOf(rows),
          calibration: makeCalibration({
            horizonHours: points.map((_, index) => index * 2 + 1),
            lower: points.map(([lower]) => lower),
            upper: points.map(([, upper]) => upper),
            meanShare: points.map(([, , share]) => share),
            medianShare: points.map(([, , share]) => Math.round(share)),
          }),
          horizons: rows.map((_, index) => index * 0.75),
          nowOf: () => ({ bikes, docks, capacity }),
        })
        for (const row of rows.keys()) {
          const at = (name: ForecastQuantity): number => values[name][row]!
          const most = Number.isNaN(capacity) ? Number.POSITIVE_INFINITY : capacity
          assert.ok(at('bikes_mean') >= 0 && at('bikes_mean') <= most)
          for (const quantity of ['bikes', 'docks'] as const) {
            const quantiles = [at(`${quantity}_q05`), at(`${quantity}_q50`), at(`${quantity}_q95`)] as const
            if (quantity === 'docks' && Number.isNaN(docks) && Number.isNaN(capacity)) {
              assert.deepEqual(quantiles, [Number.NaN, Number.NaN, Number.NaN])
              continue
            }
            assert.deepEqual(
              quantiles,
              quantiles.toSorted((a, b) => a - b),
            )
            for (const value of quantiles) assert.ok(Number.isInteger(value) && value >= 0 && value <= most)
            const probability = at(quantity === 'bikes' ? 'p_bike' : 'p_dock')
            assert.ok(probability >= 0 && probability <= 1)
            if (1 - probability >= 0.05) assert.equal(quantiles[0], 0)
            if (1 - probability >= 0.5) assert.equal(quantiles[1], 0)
            if (quantity === 'bikes' && probability > 0.95) assert.ok(quantiles[0] >= 1)
          }
          for (const flow of ['departures', 'arrivals'] as const) assert.ok(at(`${flow}_mean`) >= 0)
        }
      },
    ),
  )
})

const one = (
  row: readonly number[],
  calibration = makeCalibration(),
  now: Partial<{ bikes: number; docks: number; capacity: number; hours: number }> = {},
) => {
  const { bikes = 10, docks = 10, capacity = 20, hours = 1 } = now
  const values = postProcess({
    outputs: outputsOf([row]),
    calibration,
    horizons: [hours],
    nowOf: () => ({ bikes, docks, capacity }),
  })
  return Object.fromEntries(Object.entries(values).map(([name, [value]]) => [name, value]))
}

test('a change is added to the bikes now; docks are what the bikes leave; counts have the interval of their mean', () => {
  assert.deepEqual(one([1.5, -4.25, 1.25, 5.5, 1, 0.75, 2.5, 20]), {
    bikes_mean: 11.5,
    bikes_q05: 6,
    bikes_q50: 11,
    bikes_q95: 15,
    docks_mean: 8.5,
    docks_q05: 0,
    docks_q50: 9,
    docks_q95: 14,
    p_bike: 1,
    p_dock: 0.75,
    departures_mean: 2.5,
    departures_q05: 2,
    departures_q95: 5,
    arrivals_mean: 20,
    arrivals_q05: 5,
    arrivals_q95: 16,
  })
})

test('the tables of the horizon are used: between two points by a line, beyond them level', () => {
  const calibration = makeCalibration({
    horizonHours: [1, 3, 24],
    lower: [-1, -2, -4],
    upper: [1, 3, 3],
    meanShare: [0, 0.5, 1],
  })
  const at = (hours: number) => {
    const forecast = one([8, -4, 0, 4, 1, 1, 0, 0], calibration, {
      bikes: 50,
      docks: 50,
      capacity: 100,
      hours,
    })
    return [forecast.bikes_q05, forecast.bikes_q95, forecast.bikes_mean]
  }
  assert.deepEqual(at(0.25), [45, 55, 50])
  assert.deepEqual(at(1), [45, 55, 50])
  assert.deepEqual(at(2), [45, 56, 52])
  assert.deepEqual(at(3), [44, 57, 54])
  assert.deepEqual(at(168), [42, 57, 58])
})

test('outer quantiles are moved by a share of their distance, which is a bike at least; older models have no shares', () => {
  const shares = makeCalibration({ lowerShare: [-0.25, -0.5], upperShare: [0.5, -0.25] })
  const at = (calibration: typeof shares, q05: number, q95: number, hours: number) => {
    const forecast = one([0, q05, 0, q95, 1, 1, 0, 0], calibration, {
      bikes: 50,
      docks: 50,
      capacity: 100,
      hours,
    })
    return [forecast.bikes_q05, forecast.bikes_q95]
  }
  assert.deepEqual(at(shares, -4, 4, 1), [44, 58])
  assert.deepEqual(at(shares, -4, 4, 24), [42, 52])
  // Crossed, or closer than a bike.
  assert.deepEqual(at(shares, -0.1, 0.6, 1), [50, 51])
  assert.deepEqual(at(shares, 4, -4, 1), [47, 53])
  const { lowerShare, upperShare, ...older } = shares
  assert.deepEqual(at(older, -4, 4, 1), [46, 54])
})

test('probabilities are read off the curves of the horizons around', () => {
  const calibration = makeCalibration({
    horizonHours: [1, 3],
    curveAt: [0, 0.5, 1],
    bikeCurve: [
      [0, 0.4, 1],
      [0.2, 0.6, 0.8],
    ],
  })
  const at = (said: number, hours: number) => one([0, 0, 0, 0, said, 1, 0, 0], calibration, { hours }).p_bike
  assert.equal(at(0.5, 1), 0.4)
  assert.equal(at(0.25, 1), 0.2)
  assert.equal(at(0.5, 2), 0.5)
  assert.equal(at(1, 99), 0.8)
})

test('where the median has not beaten standing still, no change is its forecast', () => {
  const calibration = makeCalibration({ medianShare: [0, 0] })
  assert.equal(one([0, -3, 2, 3, 1, 1, 0, 0], calibration).bikes_q50, 10)
})

test('a horizon is named by the slots between', () => {
  assert.deepEqual(
    [0.126, 0.25, 0.375, 0.376, 1.125, 1.126, 23.9, 168].map(namedHours),
    [0.25, 0.25, 0.25, 0.5, 1, 1.25, 24, 168],
  )
})
