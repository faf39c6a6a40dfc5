import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSystemPast, slotMs, slotOf } from './index.ts'
import { levelSlots } from './slots.ts'

const startAt = Date.UTC(2026, 2, 1)
const first = slotOf(startAt)

const observation = fc.record({
  station: fc.constantFrom('a', 'b'),
  /** Spread over more than is kept. */
  at: fc.integer({ min: 0, max: (levelSlots + 400) * slotMs }).map((ms) => startAt + ms),
  bikes: fc.integer({ min: 0, max: 60 }),
})

test('a slot has the level of its newest observation, of those within 28 days of the newest of all', () => {
  fc.assert(
    fc.property(fc.array(observation, { minLength: 1, maxLength: 60 }), (observations) => {
      // In the order of time but for a few hours, as they come.
      const inOrder = observations.toSorted((a, b) => a.at - b.at)
      const past = createSystemPast()
      for (const { station, at, bikes } of inOrder) past.put(station, at, bikes)
      for (const station of ['a', 'b']) {
        const own = inOrder.filter((each) => each.station === station)
        const newest = own.at(-1)
        for (const { at } of observations) {
          const slot = slotOf(at)
          const known = own.filter((each) => slotOf(each.at) === slot).at(-1)
          const isKept = newest !== undefined && slot > slotOf(newest.at) - levelSlots
          const expected = known && isKept ? known.bikes : Number.NaN
          assert.equal(past.of(station).bikesIn(slot), expected)
          const around = new Int32Array(9)
          past.of(station).readBikes(slot - 4, around)
          assert.deepEqual(
            [...around],
            Array.from(around, (_, place) => {
              const bikes = past.of(station).bikesIn(slot - 4 + place)
              return Number.isNaN(bikes) ? -1 : bikes
            }),
          )
        }
      }
    }),
  )
})

test('what comes late goes where it belongs, and an older observation of a slot changes nothing', () => {
  const past = createSystemPast()
  past.put('a', startAt + 10 * slotMs, 5)
  past.put('a', startAt + 3 * slotMs, 7)
  past.put('a', startAt + 3 * slotMs - 60_000, 1)
  const { bikesIn } = past.of('a')
  assert.deepEqual(
    [3, 4, 10, 11].map((slot) => bikesIn(first + slot)),
    [7, Number.NaN, 5, Number.NaN],
  )
})

test('taken out and put back, it is the same; what was observed meanwhile is kept', () => {
  const past = createSystemPast()
  for (let slot = 0; slot < 100; slot += 3) past.put('a', startAt + slot * slotMs, slot)
  const restored = createSystemPast()
  restored.put('a', startAt + 99 * slotMs, 1_000)
  for (const [stationId, newestSlot, levels] of past.all()) restored.restore(stationId, newestSlot, levels)
  for (let slot = 0; slot < 99; slot++)
    assert.equal(restored.of('a').bikesIn(first + slot), past.of('a').bikesIn(first + slot))
  assert.equal(restored.of('a').bikesIn(first + 99), 1_000)
})

test('neighbours are the nearest five with a known capacity, filled as all of them together', () => {
  const past = createSystemPast()
  past.place('new', 59.9, 10.7, 20)
  for (const [index, capacity] of [10, Number.NaN, 20, 30, 20, 20, 10].entries()) {
    past.place(`s${index}`, 59.9 + 0.01 * (index + 1), 10.7, capacity)
    past.put(`s${index}`, startAt, 5)
  }
  // s1 has no capacity; s6 is the sixth.
  assert.equal(past.of('new').nearbyFillIn(first), 25 / 100)
  assert.equal(past.of('new').nearbyFillIn(first + 1), Number.NaN)
  assert.equal(past.of('nobody').nearbyFillIn(first), Number.NaN)
})

test('it says up to when all is known, but for stations that fell silent', () => {
  const past = createSystemPast()
  assert.equal(past.knownUntil(), null)
  past.put('silent', startAt, 1)
  past.put('a', startAt + 200 * slotMs, 1)
  past.put('b', startAt + 190 * slotMs, 1)
  assert.equal(past.knownUntil(), startAt + 190 * slotMs)
})
