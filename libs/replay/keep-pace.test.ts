import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepPace } from './keep-pace.ts'

const clockedPace = (perSecond: number) => {
  const clock = { at: 0 }
  const pace = keepPace({
    perSecond,
    now: () => clock.at,
    wait: async (ms) => {
      clock.at += ms
    },
  })
  return { clock, pace }
}

test('ten batches of a hundred take ten seconds at a hundred a second', async () => {
  const { clock, pace } = clockedPace(100)
  for (let batch = 0; batch <= 10; batch++) await pace(100)
  assert.equal(clock.at, 10_000)
})

test('what was missed in a long pause is not caught up with, but for a second', async () => {
  const { clock, pace } = clockedPace(100)
  clock.at = 60_000
  for (let batch = 0; batch <= 3; batch++) await pace(100)
  assert.equal(clock.at, 62_000)
})

test('without a limit nobody waits', async () => {
  const { clock, pace } = clockedPace(Number.POSITIVE_INFINITY)
  for (let batch = 0; batch < 100; batch++) await pace(1_000_000)
  assert.equal(clock.at, 0)
})
