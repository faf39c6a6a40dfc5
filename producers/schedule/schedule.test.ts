import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCron } from './cron-expression.ts'
import { cronSchedule, intervalSchedule } from './schedule.ts'

const HOUR_MS = 3_600_000
const lastDue = (cron: string, timeZone: string, now: string): string | undefined => {
  const due = cronSchedule(parseCron(cron), timeZone).lastDue(Date.parse(now))
  return due === null ? undefined : `${new Date(due.dueAt).toISOString().slice(0, 16)} ${due.localDate}`
}

test('what is due is the newest moment that is not ahead, in the zone', () => {
  assert.equal(lastDue('0 2 * * *', 'Europe/Berlin', '2026-03-02T00:59:59Z'), '2026-03-01T01:00 2026-03-01')
  assert.equal(lastDue('0 2 * * *', 'Europe/Berlin', '2026-03-02T01:00:00Z'), '2026-03-02T01:00 2026-03-02')
  assert.equal(
    lastDue('*/15 * * * *', 'Asia/Kathmandu', '2026-03-02T08:14:00Z'),
    '2026-03-02T08:00 2026-03-02',
  )
  assert.equal(lastDue('0 2 1 1 *', 'UTC', '2026-03-02T08:14:00Z'), '2026-01-01T02:00 2026-01-01')
})

test('a moment that clocks leap over in spring is due at the leap', () => {
  assert.equal(
    lastDue('0 2 * * *', 'America/New_York', '2026-03-08T06:59:00Z'),
    '2026-03-07T07:00 2026-03-07',
  )
  assert.equal(
    lastDue('0 2 * * *', 'America/New_York', '2026-03-08T07:00:00Z'),
    '2026-03-08T07:00 2026-03-08',
  )
  assert.equal(
    lastDue('30 2 * * *', 'America/New_York', '2026-03-08T12:00:00Z'),
    '2026-03-08T07:00 2026-03-08',
  )
})

test('a moment that clocks show twice in autumn is due twice, on one date', () => {
  const at = (now: string) => lastDue('30 1 * * *', 'America/New_York', now)
  assert.equal(at('2026-11-01T05:45:00Z'), '2026-11-01T05:30 2026-11-01')
  assert.equal(at('2026-11-01T06:45:00Z'), '2026-11-01T06:30 2026-11-01')
})

test('every quarter of an hour stays one through a change of clocks', () => {
  const schedule = cronSchedule(parseCron('*/15 * * * *'), 'America/New_York')
  for (const night of ['2026-03-08T00:00Z', '2026-11-01T00:00Z'])
    for (let now = Date.parse(night); now < Date.parse(night) + 24 * HOUR_MS; now += 60_000)
      assert.equal(schedule.lastDue(now)?.dueAt, Math.floor(now / 900_000) * 900_000)
})

test('asked again, later or earlier, a schedule says what a new one says', () => {
  const schedule = cronSchedule(parseCron('17 */7 * * 1-5'), 'Australia/Lord_Howe')
  const start = Date.parse('2026-04-03T00:00Z')
  for (const hours of [0, 1, 1, 30, 80, 79, 200, 5]) {
    const now = start + hours * HOUR_MS
    const fresh = cronSchedule(parseCron('17 */7 * * 1-5'), 'Australia/Lord_Howe')
    assert.deepEqual(schedule.lastDue(now), fresh.lastDue(now))
  }
})

test('what never comes is never due', () => {
  assert.equal(lastDue('0 2 30 2 *', 'UTC', '2026-03-02T00:00Z'), undefined)
})

test('an interval is counted from the epoch', () => {
  assert.equal(intervalSchedule(5_000).lastDue(1_000_000_004_999)?.dueAt, 1_000_000_000_000)
})
