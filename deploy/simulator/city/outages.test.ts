import assert from 'node:assert/strict'
import test from 'node:test'
import { docksOutOfOrderAt, feedOutageAt, stationOutageAt } from './outages.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const START = Date.UTC(2026, 0, 1)
const minutes = (days: number, step: number): number[] =>
  Array.from({ length: (days * 1440) / step }, (_, index) => START + index * step * MINUTE_MS)

test('a station is out for hours, a few times a year, closed or missing', () => {
  const kinds = new Set<string>()
  let out = 0
  const asked = minutes(300, 30)
  for (let station = 0; station < 20; station++)
    for (const at of asked) {
      const outage = stationOutageAt(1, station, at)
      if (outage === null) continue
      kinds.add(outage)
      out++
    }
  assert.deepEqual(kinds, new Set(['closed', 'missing']))
  const share = out / (20 * asked.length)
  assert.ok(share > 0.0005 && share < 0.01, `out for ${share} of the time`)
})

test('an outage of the feed has one beginning and one end, and is over in an hour', () => {
  const kinds = new Set<string>()
  let outages = 0
  let last = 0
  for (const at of minutes(300, 1)) {
    const outage = feedOutageAt(1, at)
    if (!outage) continue
    kinds.add(outage.kind)
    assert.ok(
      outage.sinceAt <= at && at < outage.untilAt && outage.untilAt - outage.sinceAt <= 60 * MINUTE_MS,
    )
    if (outage.sinceAt !== last) outages++
    last = outage.sinceAt
  }
  assert.deepEqual(kinds, new Set(['frozen', 'down']))
  assert.ok(outages > 25 && outages < 80, `${outages} outages in 300 days`)
})

test('some docks are out of order for days', () => {
  const found = Array.from({ length: 500 }, (_, station) => docksOutOfOrderAt(1, station, START))
  const broken = found.filter((docks) => docks > 0).length
  assert.ok(broken > 15 && broken < 80, `${broken} of 500`)
  assert.deepEqual(
    Array.from({ length: 500 }, (_, station) => docksOutOfOrderAt(1, station, START + MINUTE_MS)).filter(
      (docks, station) => docks !== found[station],
    ).length < 5,
    true,
  )
  assert.ok(Math.max(...found) <= 2 && START % DAY_MS === 0)
})
