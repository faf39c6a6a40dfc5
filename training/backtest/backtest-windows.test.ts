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

test('of a short recording more is trained on than a week’s gap would leave', () => {
  const [trainFrom, trainTo, testFrom] = inDays(chooseWindows({ from, until: at(10) }, {}))
  assert.deepEqual([trainFrom, testFrom], [0, 8])
  assert.ok(Math.abs(trainTo! - 3.2) < 1e-9)
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
