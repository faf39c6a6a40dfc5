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

  it('weigh less the further ahead they are, and none weighs nothing', () => {
    for (const [index, { weight }] of horizonGrid.entries()) {
      assert.ok(weight > 0 && weight <= 1)
      assert.ok(weight <= (horizonGrid[index - 1]?.weight ?? 1))
    }
  })

  it('give about as many rows as were asked for', () => {
    const slots = 50_000
    const spanSlots = 3_000
    const rate = rateFor(60_000, slots, spanSlots)
    const expected = horizonGrid.reduce(
      (sum, { slots: ahead, weight }) => sum + rate * weight * slots * (1 - ahead / spanSlots),
      0,
    )
    assert.ok(Math.abs(expected - 60_000) < 1)
  })

  it('need no rate where there is no time for any', () => {
    assert.equal(rateFor(1_000, 0, 500), 0)
    assert.equal(rateFor(1_000, 500, 0), 0)
  })
})
