import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchesDate, matchesTime, parseCron } from './cron-expression.ts'

const matches = (text: string, wallClock: string): boolean => {
  const date = new Date(`${wallClock}Z`)
  return matchesTime(parseCron(text), date) && matchesDate(parseCron(text), date)
}

test('lists, ranges, steps and names', () => {
  assert.ok(matches('*/15 * * * *', '2026-03-02T08:45'))
  assert.ok(!matches('*/15 * * * *', '2026-03-02T08:44'))
  assert.ok(matches('5-20/5,59 8 * * *', '2026-03-02T08:20'))
  assert.ok(matches('5-20/5,59 8 * * *', '2026-03-02T08:59'))
  assert.ok(matches('50/5 * * * *', '2026-03-02T08:55'))
  assert.ok(matches('0 2 * mar mon-fri', '2026-03-02T02:00'))
  assert.ok(!matches('0 2 * mar mon-fri', '2026-03-01T02:00'))
})

test('Sunday is 0 and 7', () => {
  for (const sunday of ['0', '7', 'sun', '5-7'])
    assert.ok(matches(`0 2 * * ${sunday}`, '2026-03-01T02:00'), sunday)
})

test('a day of the month or a day of the week suffices where both are given', () => {
  assert.ok(matches('0 2 13 * fri', '2026-03-13T02:00'))
  assert.ok(matches('0 2 13 * fri', '2026-03-06T02:00'))
  assert.ok(matches('0 2 13 * fri', '2026-04-13T02:00'))
  assert.ok(!matches('0 2 13 * fri', '2026-04-14T02:00'))
})

test('a wrong field is named', () => {
  assert.throws(() => parseCron('0 25 * * *'), /hour "25"/)
  assert.throws(() => parseCron('0 2 * * someday'), /weekday "someday"/)
  assert.throws(() => parseCron('*/0 * * * *'), /minute/)
  assert.throws(() => parseCron('9-5 * * * *'), /minute/)
  assert.throws(() => parseCron('* * * *'), /4 fields/)
})
