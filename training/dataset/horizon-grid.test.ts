import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { horizonGrid, rateFor } from './horizon-grid.ts'

describe('the horizons of training rows', () => {
  it('are every quarter of an hour up to 6 h, then every hour up to 168 h', () => {
    const slots = horizonGrid.map((horizon) => horizon.slots)
    assert.deepEqual(slots.slice(0, 26), [...Array.from({ length: 24 }, (_, index) => index + 1), 28, 32])
    assert.equal(slots.at(-1), 168 * 4)
    assert.equal(slots.length, 24 + 162)
  })

  it('weigh so much that each band of models has its share of the rows, and the first of all the most', () => {
    const within = (from: number, to: number): number =>
      horizonGrid
        .filter(({ slots }) => slots > from * 4 && slots <= to * 4)
        .reduce((sum, { weight }) => sum + weight, 0)
    const all = within(0, 168)
    const shares = [within(0, 1), within(1, 6), within(6, 24), within(24, 168)].map((each) => each / all)
    for (const [band, share] of [0.2, 0.25, 0.25, 0.3].entries())
      assert.ok(Math.abs(shares[band]! - share) < 1e-9)
    for (const { weight } of horizonGrid) assert.ok(weight > 0 && weight <= horizonGrid[0]!.weight)
    assert.ok(Math.abs(horizonGrid[0]!.weight - 1) < 1e-9)
  })

  it('give about as many rows as were asked for', () => {
    const slots = 50_000
    const spanSlots = 3_000
    const rate = rateFor(horizonGrid, 60_000, slots, spanSlots)
    const expected = horizonGrid.reduce(
      (sum, { slots: ahead, weight }) => sum + rate * weight * slots * (1 - ahead / spanSlots),
      0,
    )
    assert.ok(Math.abs(expected - 60_000) < 1)
  })

  it('need no rate where there is no time for any', () => {
    assert.equal(rateFor(horizonGrid, 1_000, 0, 500), 0)
    assert.equal(rateFor(horizonGrid, 1_000, 500, 0), 0)
  })
})
