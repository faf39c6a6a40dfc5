import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ForecastValues, postProcess } from './post-process.ts'

const rowsOf = (rows: readonly number[][]) => {
  const column = (index: number) => Float32Array.from(rows, (row) => row[index] as number)
  return {
    bikes_mean: column(0),
    bikes_q05: column(1),
    bikes_q50: column(2),
    bikes_q95: column(3),
    p_bike: column(4),
    p_dock: column(5),
    departures_mean: column(6),
  }
}

const noCalibration = { horizonHours: [], lower: [], upper: [] }
const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 })

test('whatever the graph says, bikes stay in [0, capacity], quantiles never cross, probabilities stay in [0, 1]', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(anyFloat, { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 60 }),
      fc.option(fc.integer({ min: 0, max: 60 })),
      fc.array(fc.tuple(anyFloat, anyFloat), { maxLength: 4 }),
      (rows, bikesNow, capacity, widths) => {
        const values = postProcess({
          outputs: rowsOf(rows),
          calibration: {
            horizonHours: widths.map((_, index) => index * 2 + 1),
            lower: widths.map(([lower]) => lower),
            upper: widths.map(([, upper]) => upper),
          },
          horizonHours: rows.map((_, index) => index * 0.7),
          bikesNow,
          capacity,
        })
        for (const [row] of rows.entries()) {
          const at = (name: keyof ForecastValues) => values[name][row] as number
          assert.ok(at('bikesQ05') <= at('bikesQ50') && at('bikesQ50') <= at('bikesQ95'))
          for (const name of ['bikesMean', 'bikesQ05', 'bikesQ50', 'bikesQ95'] as const)
            assert.ok(at(name) >= 0 && at(name) <= (capacity ?? Number.POSITIVE_INFINITY), name)
          for (const name of ['bikeProbability', 'dockProbability'] as const)
            assert.ok(at(name) >= 0 && at(name) <= 1, name)
          assert.ok(at('departuresMean') >= 0)
        }
      },
    ),
  )
})

test('a change is added to the bikes now, a probability and a value are taken as they are', () => {
  const values = postProcess({
    outputs: rowsOf([[1.5, -4, 1, 5, 0.75, 0.25, 2.5]]),
    calibration: noCalibration,
    horizonHours: [1],
    bikesNow: 10,
    capacity: 20,
  })
  assert.deepEqual(values, {
    bikesMean: [11.5],
    bikesQ05: [6],
    bikesQ50: [11],
    bikesQ95: [15],
    bikeProbability: [0.75],
    dockProbability: [0.25],
    departuresMean: [2.5],
  })
})

test('the interval is widened by the calibration of its horizon: between two points by a line, beyond them level', () => {
  const at = (hours: number) => {
    const { bikesQ05, bikesQ95 } = postProcess({
      outputs: rowsOf([[0, -4, 0, 4, 0, 0, 0]]),
      calibration: { horizonHours: [1, 3, 24], lower: [-1, -2, -4], upper: [1, 3, 3] },
      horizonHours: [hours],
      bikesNow: 50,
      capacity: 100,
    })
    return [bikesQ05[0], bikesQ95[0]]
  }
  assert.deepEqual(at(0.25), [45, 55])
  assert.deepEqual(at(1), [45, 55])
  assert.deepEqual(at(2), [44.5, 56])
  assert.deepEqual(at(3), [44, 57])
  assert.deepEqual(at(24), [42, 57])
  assert.deepEqual(at(168), [42, 57])
})
