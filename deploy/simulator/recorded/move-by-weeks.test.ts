import assert from 'node:assert/strict'
import test from 'node:test'
import { createLocalTime } from '../local-time.ts'
import { keepInOrder, moveByWeeks, WEEK_MS, weeksToMove } from './move-by-weeks.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const startsAt = Date.UTC(2022, 8, 1)
const endsAt = Date.UTC(2022, 11, 1)
const now = Date.UTC(2026, 10, 24, 9, 41)

test('by default the history asked for lies before now, and as much as can be after', () => {
  for (const historyDays of [0, 10, 35, 80]) {
    const recordedNow = now - weeksToMove({ startsAt, endsAt, now, historyDays }) * WEEK_MS
    const history = recordedNow - startsAt
    assert.ok(
      history >= historyDays * DAY_MS && history < historyDays * DAY_MS + WEEK_MS,
      `${historyDays} days`,
    )
  }
})

test('a window ends where it was asked to, to within the week before', () => {
  const windowEnd = Date.UTC(2022, 10, 10)
  const recordedNow = now - weeksToMove({ startsAt, endsAt, now, historyDays: 35, windowEnd }) * WEEK_MS
  assert.ok(recordedNow <= windowEnd && windowEnd - recordedNow < WEEK_MS)
})

test('a recording shorter than the history asked for ends about now', () => {
  const recordedNow = now - weeksToMove({ startsAt, endsAt, now, historyDays: 400 }) * WEEK_MS
  assert.ok(recordedNow <= endsAt && endsAt - recordedNow < WEEK_MS)
  const oneDay = { startsAt, endsAt: startsAt + DAY_MS, historyDays: 35 }
  const played = now - weeksToMove({ ...oneDay, now }) * WEEK_MS
  assert.ok(played >= startsAt, 'a single day is all history, rather than all future')
})

test('the time of the week on the wall stays, through changes to and from summer time', () => {
  const losAngeles = createLocalTime('America/Los_Angeles')
  const weeks = weeksToMove({ startsAt, endsAt, now, historyDays: 35 })
  const moved = moveByWeeks(weeks, losAngeles)
  for (let recordedAt = startsAt; recordedAt < endsAt; recordedAt += 6 * HOUR_MS) {
    const playedAt = moved(recordedAt)
    assert.equal(losAngeles.dayOfWeek(playedAt), losAngeles.dayOfWeek(recordedAt))
    assert.equal(
      losAngeles.hourOfDay(playedAt),
      losAngeles.hourOfDay(recordedAt),
      new Date(recordedAt).toISOString(),
    )
    assert.ok(Math.abs(playedAt - recordedAt - weeks * WEEK_MS) <= HOUR_MS)
  }
})

test('without summer time it is whole weeks, to the millisecond', () => {
  const moved = moveByWeeks(3, createLocalTime('UTC'))
  assert.equal(moved(startsAt + 1), startsAt + 1 + 3 * WEEK_MS)
})

test('of the hour that comes twice, what was recorded the second time is left out', () => {
  const moved = moveByWeeks(3, createLocalTime('America/Los_Angeles'))
  const fallBack = Date.UTC(2022, 10, 6, 9)
  const recorded = Array.from({ length: 24 }, (_, index) => fallBack + (index - 12) * 600_000)
  const played = keepInOrder(recorded.map((recordedAt) => ({ recordedAt, playedAt: moved(recordedAt) })))
  const leftOut = recorded.filter((at) => !played.some(({ recordedAt }) => recordedAt === at))
  assert.deepEqual(
    leftOut,
    Array.from({ length: 6 }, (_, index) => fallBack + index * 600_000),
  )
  for (let index = 1; index < played.length; index++)
    assert.equal(played[index]!.playedAt - played[index - 1]!.playedAt, 600_000)
})
