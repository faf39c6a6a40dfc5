import assert from 'node:assert/strict'
import test from 'node:test'
import { createLocalTime } from './local-time.ts'

const HOUR_MS = 3_600_000

test('the offset follows daylight saving time, to the moment', () => {
  const berlin = createLocalTime('Europe/Berlin')
  const change = Date.UTC(2026, 2, 29, 1)
  assert.equal(berlin.offsetMs(change - 1), HOUR_MS)
  assert.equal(berlin.offsetMs(change), 2 * HOUR_MS)
})

test('offsets may be negative, or not whole hours', () => {
  assert.equal(createLocalTime('America/New_York').offsetMs(Date.UTC(2026, 0, 1)), -5 * HOUR_MS)
  assert.equal(createLocalTime('Asia/Kathmandu').offsetMs(Date.UTC(2026, 0, 1)), 5.75 * HOUR_MS)
  assert.equal(createLocalTime('UTC').offsetMs(0), 0)
})

test('weekday, hour and part of the year are those on the wall', () => {
  const newYork = createLocalTime('America/New_York')
  // Monday in Europe, still Sunday evening there.
  const at = Date.UTC(2026, 10, 23, 2, 30)
  assert.equal(newYork.dayOfWeek(at), 6)
  assert.equal(newYork.hourOfDay(at), 21.5)
  assert.equal(createLocalTime('UTC').dayOfWeek(Date.UTC(2026, 10, 23)), 0)
  assert.equal(newYork.yearFraction(Date.UTC(2026, 0, 1, 5)), 0)
  assert.ok(newYork.yearFraction(Date.UTC(2026, 0, 1, 4)) > 0.999)
})

test('a zone that is none is refused', () => {
  assert.throws(() => createLocalTime('Europe/Atlantis'), RangeError)
})
