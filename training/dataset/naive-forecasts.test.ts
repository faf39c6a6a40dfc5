import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { climatology, slotsAWeek, type ValueIn } from './naive-forecasts.ts'

const now = 100 * slotsAWeek + 37

/** The slot's own number, so that a value names where it came from. */
const everySlot: ValueIn = (slot) => slot

/** Fails when a forecast looks at what it could not know. */
const onlyThePast =
  (bikesIn: ValueIn): ValueIn =>
  (slot) => {
    assert.ok(slot <= now, `slot ${slot - now} after now was looked at`)
    return bikesIn(slot)
  }

describe('climatology', () => {
  const target = now + 10
  const firstOfHour = target - (target % 4)

  it('is the mean of the target’s hour in the four weeks before it', () => {
    const weeks = [1, 2, 3, 4].flatMap((week) =>
      [0, 1, 2, 3].map((slot) => firstOfHour - week * slotsAWeek + slot),
    )
    const mean = weeks.reduce((sum, slot) => sum + slot, 0) / weeks.length
    assert.equal(climatology(everySlot, now, target), mean)
  })

  it('leaves out what was not seen, and is not known when nothing was', () => {
    const only = firstOfHour - 3 * slotsAWeek + 2
    assert.equal(
      climatology((slot) => (slot === only ? 8 : Number.NaN), now, target),
      8,
    )
    assert.equal(
      climatology(() => Number.NaN, now, target),
      Number.NaN,
    )
  })

  it('looks at nothing after now, at any horizon', () => {
    for (let ahead = 0; ahead <= slotsAWeek; ahead++) climatology(onlyThePast(everySlot), now, now + ahead)
  })
})
