import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type BikesIn,
  climatology,
  sameTimeLastWeek,
  sameTimeYesterday,
  slotsADay,
  slotsAWeek,
} from './naive-forecasts.ts'

const now = 100 * slotsAWeek + 37

/** The slot's own number, so that a value names where it came from. */
const everySlot: BikesIn = (slot) => slot

/** Fails when a forecast looks at what it could not know. */
const onlyThePast =
  (bikesIn: BikesIn): BikesIn =>
  (slot) => {
    assert.ok(slot <= now, `slot ${slot - now} after now was looked at`)
    return bikesIn(slot)
  }

const missing =
  (...slots: number[]): BikesIn =>
  (slot) =>
    slots.includes(slot) ? Number.NaN : slot

describe('yesterday', () => {
  it('is the newest day whose same time is not after now', () => {
    const at = (ahead: number) => sameTimeYesterday(everySlot, now, now + ahead)
    assert.equal(at(1), now + 1 - slotsADay)
    assert.equal(at(slotsADay), now)
    assert.equal(at(slotsADay + 1), now + 1 - slotsADay)
    assert.equal(at(7 * slotsADay), now)
  })

  it('is the day before where nothing was seen, for a week', () => {
    const target = now + 4
    const days = [1, 2, 3, 4, 5, 6, 7].map((day) => target - day * slotsADay)
    assert.equal(sameTimeYesterday(missing(days[0]!, days[1]!), now, target), days[2])
    assert.equal(sameTimeYesterday(missing(...days.slice(0, 6)), now, target), days[6])
    assert.equal(sameTimeYesterday(missing(...days), now, target), Number.NaN)
  })
})

describe('last week', () => {
  it('is the very slot of a week before the target', () => {
    assert.equal(sameTimeLastWeek(everySlot, now, now + 1), now + 1 - slotsAWeek)
    assert.equal(sameTimeLastWeek(everySlot, now, now + slotsAWeek), now)
    assert.equal(sameTimeLastWeek(missing(now), now, now + slotsAWeek), Number.NaN)
  })
})

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
})

describe('every naive forecast', () => {
  it('looks at nothing after now, at any horizon', () => {
    for (let ahead = 0; ahead <= slotsAWeek; ahead++)
      for (const forecast of [sameTimeYesterday, sameTimeLastWeek, climatology])
        forecast(onlyThePast(everySlot), now, now + ahead)
  })
})
