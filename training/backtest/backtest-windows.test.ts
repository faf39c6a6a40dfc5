import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseWindows } from './backtest-windows.ts'

const dayMs = 86_400_000
const from = Date.UTC(2026, 0, 1)
const at = (day: number): number => from + day * dayMs
const recorded = { from, until: at(100) }
const inDays = ({ train, test }: ReturnType<typeof chooseWindows>) =>
  [train.from, train.until, test.from, test.until].map((moment) => (moment - from) / dayMs)

test('by default the last fifth is scored, and a week before it nothing is trained on', () => {
  assert.deepEqual(inDays(chooseWindows(recorded, {})), [0, 73, 80, 100])
})

test('what is asked for is kept, and the rest goes by it', () => {
  assert.deepEqual(
    inDays(chooseWindows(recorded, { trainFrom: at(10), testFrom: at(50) })),
    [10, 43, 50, 100],
  )
  assert.deepEqual(inDays(chooseWindows(recorded, { trainTo: at(60), testTo: at(90) })), [0, 60, 67, 90])
  assert.deepEqual(inDays(chooseWindows(recorded, { trainTo: at(60), testFrom: at(61) })), [0, 60, 61, 100])
  assert.deepEqual(inDays(chooseWindows(recorded, { trainFrom: at(-5), testTo: at(200) })), [0, 73, 80, 100])
})

test('of a short recording the horizons are learnt that it is long enough for, and the gap is no longer than they are', () => {
  const chosen = chooseWindows({ from, until: at(7) }, {})
  const [trainFrom, trainTo, testFrom] = inDays(chosen) as [number, number, number]
  assert.deepEqual([trainFrom, testFrom], [0, 5.6])
  assert.ok(Math.abs(trainTo - 4) < 1e-6)
  assert.ok(Math.abs(chosen.longestMs - 1.6 * dayMs) < 1)
  assert.ok(testFrom - trainTo >= chosen.longestMs / dayMs - 1e-6)
})

test('where there is enough, or the windows are as asked for, a week ahead is the longest', () => {
  assert.equal(chooseWindows(recorded, {}).longestMs, 7 * dayMs)
  assert.equal(chooseWindows(recorded, { trainTo: at(30), testFrom: at(31) }).longestMs, 7 * dayMs)
  assert.equal(chooseWindows(recorded, { trainTo: at(10), testFrom: at(17) }).longestMs, 4 * dayMs)
})

test('windows that cannot be are refused, saying why', () => {
  assert.throws(() => chooseWindows(recorded, { trainFrom: at(90) }), /nothing to train on/)
  assert.throws(
    () => chooseWindows(recorded, { testFrom: at(101) }),
    /nothing to score from .* the recording goes from 2026-01-01/,
  )
  assert.throws(
    () => chooseWindows(recorded, { trainTo: at(70), testFrom: at(60) }),
    /must end before the test begins/,
  )
})
