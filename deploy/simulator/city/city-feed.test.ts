import assert from 'node:assert/strict'
import test from 'node:test'
import type { FeedSource, StationReport } from '../feed/feed-source.ts'
import { createLocalTime } from '../local-time.ts'
import { createWeatherModel } from '../weather/weather-model.ts'
import { createCityFeed } from './city-feed.ts'
import { createCity } from './create-city.ts'
import { feedOutageAt } from './outages.ts'
import { planCity } from './plan-city.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const START = Date.UTC(2026, 4, 4)
const SEED = 1
const centre = { latitude: 52.52, longitude: 13.405 }
const localTime = createLocalTime('Europe/Berlin')

const feedOf = (options: { hasFeedOutages?: boolean } = {}): FeedSource =>
  createCityFeed({
    city: createCity({
      plan: planCity({ seed: SEED, stations: 40, centre }),
      localTime,
      weather: createWeatherModel({ seed: SEED, latitude: centre.latitude, localTime }),
    }),
    system: { systemId: 'demo', name: 'Demo', timeZone: 'Europe/Berlin', ...centre },
    ...options,
  })

const snapshotAt = (
  feed: FeedSource,
  at: number,
): { lastUpdatedAt: number; reports: readonly StationReport[] } => {
  const answer = feed.statusAt(at)
  assert.equal(answer.kind, 'snapshot')
  return answer as Extract<typeof answer, { kind: 'snapshot' }>
}

test('bikes, docks and what is out of order make up each station, and nothing is of later', () => {
  const feed = feedOf({ hasFeedOutages: false })
  const capacities = new Map(
    feed.stationsAt(START).stations.map(({ stationId, capacity }) => [stationId, capacity]),
  )
  for (let at = START + 17_000; at < START + 3 * DAY_MS; at += 7 * MINUTE_MS) {
    const { lastUpdatedAt, reports } = snapshotAt(feed, at)
    assert.ok(lastUpdatedAt <= at && at - lastUpdatedAt < MINUTE_MS)
    for (const report of reports) {
      const { bikes, ebikes, docks, bikesDisabled, docksDisabled } = report
      assert.equal(
        bikes! + docks! + bikesDisabled! + docksDisabled!,
        capacities.get(report.stationId),
        report.stationId,
      )
      assert.ok(ebikes! <= bikes! && Math.min(ebikes!, docks!, bikesDisabled!, docksDisabled!) >= 0)
      assert.ok(report.reportedAt! <= lastUpdatedAt, 'reported later than the document')
    }
  }
})

test('stations report at least every ten minutes, unless they are missing', () => {
  const feed = feedOf({ hasFeedOutages: false })
  const { lastUpdatedAt, reports } = snapshotAt(feed, START + DAY_MS)
  for (const { reportedAt, isRenting } of reports)
    if (isRenting) assert.ok(lastUpdatedAt - reportedAt! <= 11 * MINUTE_MS)
})

test('over weeks, stations close, go missing and come back', () => {
  const feed = feedOf({ hasFeedOutages: false })
  let closed = 0
  let missing = 0
  for (let at = START; at < START + 60 * DAY_MS; at += 60 * MINUTE_MS) {
    const { reports } = snapshotAt(feed, at)
    missing += 40 - reports.length
    closed += reports.filter(({ isRenting }) => !isRenting).length
    assert.ok(reports.length > 30)
  }
  assert.ok(closed > 0 && missing > 0, `${closed} closed, ${missing} missing`)
})

test('a feed that freezes repeats its document, one that is down says so, and both come back', () => {
  const feed = feedOf()
  const found = { frozen: 0, down: 0 }
  for (let at = START; at < START + 60 * DAY_MS; at += 5 * MINUTE_MS) {
    const outage = feedOutageAt(SEED, at)
    if (outage?.kind === 'frozen') {
      found.frozen++
      assert.deepEqual(feed.statusAt(at), feed.statusAt(outage.sinceAt))
    } else if (outage?.kind === 'down') {
      found.down++
      assert.equal(feed.statusAt(at).kind, 'unavailable')
    } else if (at % (6 * 60 * MINUTE_MS) === 0) assert.equal(snapshotAt(feed, at).lastUpdatedAt, at)
  }
  assert.ok(found.frozen > 0 && found.down > 0, JSON.stringify(found))
})
