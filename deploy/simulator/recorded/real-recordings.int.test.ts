/** The player on what operators really published. Runs where the recordings lie beside the checkout. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import test from 'node:test'
import { createLocalTime } from '../local-time.ts'
import { openRecordedFeed } from './open-recorded-feed.ts'

const DATA = resolve(import.meta.dirname, '../../../../shared/data')
const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 10, 24, 9, 41)
const MEMORY_LIMIT_BYTES = 400e6

const skipWithout = (path: string): string | false =>
  existsSync(path) ? false : `${path} is not there: recordings are not part of the project`

const baywheels = resolve(DATA, 'status/baywheels')
test('Bay Wheels: three months, 500 stations', { skip: skipWithout(baywheels) }, async (t) => {
  const before = process.memoryUsage().rss
  const startedAt = performance.now()
  const feed = await openRecordedFeed({ data: baywheels, now: NOW })
  const seconds = (performance.now() - startedAt) / 1000
  const bytes = process.memoryUsage().rss - before
  t.diagnostic(`read in ${seconds.toFixed(1)} s, ${Math.round(bytes / 1e6)} MB`)
  assert.ok(bytes < MEMORY_LIMIT_BYTES, `${bytes / 1e6} MB`)
  assert.equal(feed.system.timeZone, 'America/Los_Angeles')
  assert.ok(NOW - feed.span.startsAt! >= 35 * DAY_MS && feed.span.endsAt! > NOW + 28 * DAY_MS)

  // More people ride at half past eight on working days than at four in the morning: the hour of the week is true.
  const losAngeles = createLocalTime('America/Los_Angeles')
  let latest = 0
  const moved = { rush: 0, night: 0 }
  let before15: Map<string, number> | null = null
  for (let at = feed.span.startsAt!; at < NOW; at += 900_000) {
    const answer = feed.statusAt(at)
    assert.ok(answer.kind === 'snapshot' && answer.lastUpdatedAt <= at && answer.lastUpdatedAt >= latest)
    latest = answer.lastUpdatedAt
    const bikes = new Map(answer.reports.map((report) => [report.stationId, report.bikes ?? 0]))
    const hour = losAngeles.hourOfDay(at)
    const part = hour >= 8 && hour < 9.5 ? 'rush' : hour >= 3 && hour < 4.5 ? 'night' : null
    if (part && before15 && losAngeles.dayOfWeek(at) < 5)
      for (const [station, count] of bikes) moved[part] += Math.abs(count - (before15.get(station) ?? count))
    before15 = bikes
  }
  assert.ok(moved.rush > 2 * moved.night, JSON.stringify(moved))
})

const bluebikes = resolve(DATA, 'status/raw')
test('Bluebikes: one day of documents, the last one broken off', {
  skip: skipWithout(bluebikes),
}, async () => {
  const messages: string[] = []
  const feed = await openRecordedFeed({
    data: bluebikes,
    now: NOW,
    centre: { latitude: 42.36, longitude: -71.06 },
    onProgress: (message) => messages.push(message),
  })
  const { startsAt, endsAt } = feed.span
  assert.ok(endsAt! - startsAt! > 0.95 * DAY_MS && endsAt! <= NOW)
  const answer = feed.statusAt(endsAt!)
  assert.ok(answer.kind === 'snapshot' && answer.reports.length > 300)
})
