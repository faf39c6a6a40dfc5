import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHorizonChooser, hashOfStation } from './choose-horizons.ts'
import { horizonGrid } from './horizon-grid.ts'

const slotMs = 15 * 60_000
const startAt = Date.UTC(2026, 2, 1)
const stations = ['a', 'b', 'station-7', '東京']

interface Moment {
  stationId: string
  asOf: number
}

const moments = (count: number, stepMs = slotMs): Moment[] =>
  stations.flatMap((stationId) =>
    Array.from({ length: count }, (_, index) => ({ stationId, asOf: startAt + index * stepMs })),
  )

/** The chosen rows by name. */
const rowsOf = (
  { seed, rate }: { seed: number; rate: number },
  of: Moment[],
  elapsedMs = slotMs,
): string[] => {
  const chooser = createHorizonChooser({ horizons: horizonGrid, rate })
  return of.flatMap(({ stationId, asOf }) => {
    const rows: string[] = []
    chooser.choose(hashOfStation(stationId, seed), asOf, elapsedMs, (ahead) =>
      rows.push(`${stationId}@${asOf}+${ahead}`),
    )
    return rows
  })
}

describe('the choice of rows', () => {
  it('is the same whatever the order and whatever else was asked', () => {
    const forwards = rowsOf({ seed: 1, rate: 0.05 }, moments(200))
    const backwards = rowsOf({ seed: 1, rate: 0.05 }, moments(200).reverse())
    assert.ok(forwards.length > 500)
    assert.deepEqual(backwards.sort(), forwards.sort())
  })

  it('is another for another seed', () => {
    const rows = new Set(rowsOf({ seed: 1, rate: 0.05 }, moments(200)))
    const others = rowsOf({ seed: 2, rate: 0.05 }, moments(200))
    const shared = others.filter((row) => rows.has(row)).length
    assert.ok(shared < others.length * 0.1, `${shared} of ${others.length} are shared`)
  })

  it('of a small set is part of that of a larger one', () => {
    const large = new Set(rowsOf({ seed: 1, rate: 0.2 }, moments(200)))
    const small = rowsOf({ seed: 1, rate: 0.05 }, moments(200))
    assert.deepEqual(
      small.filter((row) => !large.has(row)),
      [],
    )
  })

  it('takes each horizon as often as its weight says', () => {
    const count = 5_000
    const chosen = Map.groupBy(rowsOf({ seed: 1, rate: 0.3 }, moments(count)), (row) =>
      Number(row.split('+')[1]),
    )
    for (const { slots, weight } of horizonGrid) {
      const expected = 0.3 * weight * count * stations.length
      const found = chosen.get(slots)?.length ?? 0
      // Five standard deviations of a count.
      assert.ok(
        Math.abs(found - expected) < 5 * Math.sqrt(expected),
        `${slots} slots ahead: ${found}, expected ${expected}`,
      )
    }
  })

  it('gives a station that reports every minute as many rows a day as one that reports every quarter of an hour', () => {
    const often = rowsOf({ seed: 1, rate: 0.1 }, moments(15_000, 60_000), 60_000).length
    const seldom = rowsOf({ seed: 1, rate: 0.1 }, moments(1_000)).length
    assert.ok(Math.abs(often / seldom - 1) < 0.05, `${often} and ${seldom}`)
  })

  it('takes all there are when asked for more', () => {
    assert.equal(
      rowsOf({ seed: 1, rate: 1e9 }, moments(10)).length,
      10 * stations.length * horizonGrid.length,
    )
    assert.equal(rowsOf({ seed: 1, rate: 0 }, moments(10)).length, 0)
  })
})
