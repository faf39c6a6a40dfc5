import assert from 'node:assert/strict'
import test from 'node:test'
import { createSimulatedClock } from './simulated-clock.ts'

test('a clock shows its start and runs at its speed', () => {
  let real = 1000
  const clock = createSimulatedClock({ speed: 60, startAt: 500_000, realNow: () => real })
  assert.equal(clock.now(), 500_000)
  real += 10
  assert.equal(clock.now(), 500_600)
})

test('by default it is the real time', () => {
  let real = 77
  const clock = createSimulatedClock({ realNow: () => real })
  real = 99
  assert.equal(clock.now(), 99)
})

test('a clock does not run backwards', () => {
  assert.throws(() => createSimulatedClock({ speed: -1 }), RangeError)
})
