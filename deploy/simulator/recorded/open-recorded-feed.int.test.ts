import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { informationDocument, recordedCsv, statusDocument, tarGzOf } from './fixtures.ts'
import { openRecordedFeed } from './open-recorded-feed.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** A Thursday, midnight in San Francisco. */
const STARTS_AT = Date.UTC(2022, 8, 1, 7)
const NOW = Date.UTC(2026, 10, 24, 9, 41)

const folderWith = async (t: TestContext, files: Record<string, string | Buffer>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'recording-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

test('a recording is played some whole weeks later, past now, to its end', async (t) => {
  const data = await folderWith(t, {
    'status_2022-09.csv': recordedCsv(STARTS_AT, 50),
    'station_information.json': informationDocument(STARTS_AT - DAY_MS),
  })
  const feed = await openRecordedFeed({ data, now: NOW, historyDays: 35 })
  assert.equal(feed.system.timeZone, 'America/Los_Angeles', 'found by where the stations are')
  const { startsAt, endsAt } = feed.span as { startsAt: number; endsAt: number }
  assert.ok(NOW - startsAt >= 35 * DAY_MS && NOW - startsAt < 43 * DAY_MS)
  assert.ok(endsAt > NOW + 5 * DAY_MS)
  assert.deepEqual(feed.statusAt(startsAt - 1), { kind: 'before-start', startsAt })

  const early = feed.statusAt(startsAt + 5 * HOUR_MS)
  assert.ok(early.kind === 'snapshot')
  assert.equal(early.lastUpdatedAt, startsAt + 5 * HOUR_MS)
  assert.equal(early.reports[0]?.bikes, 5)
  assert.equal(early.reports[0]?.reportedAt, startsAt + 5 * HOUR_MS - 30_000)
  const between = feed.statusAt(startsAt + 5 * HOUR_MS + 59 * 60_000)
  assert.deepEqual(between, early, 'between two snapshots the earlier one is all that is known')

  const last = feed.statusAt(endsAt)
  assert.deepEqual(feed.statusAt(endsAt + 30 * DAY_MS), last, 'after the end nothing new is said')
})

test('history stays where it is for a player that is told how far it was moved', async (t) => {
  const data = await folderWith(t, {
    'status.csv': recordedCsv(STARTS_AT, 60, 360),
    'station_information.json': informationDocument(STARTS_AT),
  })
  const first = await openRecordedFeed({ data, now: NOW })
  const later = NOW + 8 * DAY_MS
  const moved = await openRecordedFeed({ data, now: later })
  assert.notEqual(moved.span.startsAt, first.span.startsAt)
  const again = await openRecordedFeed({ data, now: later, weeksMoved: first.weeksMoved! })
  assert.deepEqual(again.span, first.span)
})

test('over a change of the clock, time goes forward and the hour of the week stays', async (t) => {
  const data = await folderWith(t, {
    'status.csv': recordedCsv(STARTS_AT, 90, 10),
    'station_information.json': informationDocument(STARTS_AT),
  })
  const feed = await openRecordedFeed({ data, now: NOW })
  // A snapshot's count of bikes is its number, modulo 20.
  const steps: number[] = []
  let latestAt = 0
  let latestBikes = 0
  for (let at = feed.span.startsAt!; at <= feed.span.endsAt!; at += 10 * 60_000) {
    const answer = feed.statusAt(at)
    assert.ok(answer.kind === 'snapshot' && answer.lastUpdatedAt >= latestAt && answer.lastUpdatedAt <= at)
    const bikes = answer.reports[0]!.bikes!
    if (answer.lastUpdatedAt > latestAt) steps.push((bikes - latestBikes + 20) % 20)
    else assert.equal(bikes, latestBikes, 'the same moment, the same document')
    latestAt = answer.lastUpdatedAt
    latestBikes = bikes
  }
  assert.deepEqual(
    steps.slice(1).filter((step) => step !== 1),
    [7],
    'once, the six snapshots of the hour that comes twice are left out',
  )
})

test('a window leaves out what lies before it', async (t) => {
  const data = await folderWith(t, {
    'status.csv': recordedCsv(STARTS_AT, 50, 60),
    'station_information.json': informationDocument(STARTS_AT),
  })
  const windowStart = STARTS_AT + 20 * DAY_MS
  const feed = await openRecordedFeed({ data, now: NOW, windowStart, historyDays: 7 })
  const answer = feed.statusAt(feed.span.startsAt!)
  assert.ok(answer.kind === 'snapshot')
  assert.equal(answer.reports[0]?.bikes, (20 * 24) % 20)
  await assert.rejects(openRecordedFeed({ data, now: NOW, windowStart: NOW }), /nothing from/)
})

test('station information is that of its time', async (t) => {
  const data = await folderWith(t, {
    'status.csv': recordedCsv(STARTS_AT, 50, 60),
    'station_information_1.json': informationDocument(STARTS_AT + DAY_MS, 20),
    'station_information_2.json': informationDocument(STARTS_AT + 30 * DAY_MS, 31),
  })
  const feed = await openRecordedFeed({ data, now: NOW })
  const capacityAt = (at: number): number | undefined => feed.stationsAt(at).stations[0]?.capacity
  const startsAt = feed.span.startsAt!
  assert.equal(capacityAt(startsAt), 20, 'before the first there is nothing better')
  assert.equal(capacityAt(startsAt + 29 * DAY_MS), 20)
  assert.equal(capacityAt(startsAt + 31 * DAY_MS), 31)
  assert.ok(
    feed.stationsAt(startsAt).lastUpdatedAt <= startsAt,
    'a document is never of later than it is asked for',
  )
})

test('gzip, xz, and an archive of documents are read; a damaged document is left out, and said', async (t) => {
  const csv = recordedCsv(STARTS_AT, 2)
  const information = { 'station_information.json': informationDocument(STARTS_AT) }
  const zipped = await folderWith(t, { ...information, 'status.csv.gz': gzipSync(csv) })
  const fromGzip = await openRecordedFeed({ data: zipped, now: NOW })
  assert.equal(fromGzip.statusAt(fromGzip.span.endsAt!).kind, 'snapshot')

  const compressed = spawnSync('xz', ['--stdout'], { input: csv })
  if (compressed.error) t.diagnostic('xz is not installed: its reading is not tried here')
  else {
    const folder = await folderWith(t, { ...information, 'status.csv.xz': compressed.stdout })
    const fromXz = await openRecordedFeed({ data: folder, now: NOW })
    assert.deepEqual(fromXz.statusAt(NOW), fromGzip.statusAt(NOW))
  }

  const messages: string[] = []
  const archived = await folderWith(t, {
    'documents.tar.gz': await tarGzOf({
      'day/1.json': statusDocument(STARTS_AT, 3),
      'day/2.json': statusDocument(STARTS_AT + 300_000, 4),
      'day/3.json': statusDocument(STARTS_AT + 600_000, 5).slice(0, 90),
    }),
  })
  const fromTar = await openRecordedFeed({
    data: archived,
    now: NOW,
    centre: { latitude: 42.36, longitude: -71.06 },
    onProgress: (message) => messages.push(message),
  })
  const answer = fromTar.statusAt(fromTar.span.startsAt! + 300_000)
  assert.ok(answer.kind === 'snapshot' && answer.reports[0]?.bikes === 4)
  assert.equal(fromTar.span.endsAt! - fromTar.span.startsAt!, 300_000)
  assert.ok(messages.some((message) => /3\.json is left out/.test(message)))
  assert.deepEqual(fromTar.stationsAt(NOW).stations, [
    { stationId: 'a', name: 'Station a', latitude: 42.36, longitude: -71.06, capacity: 12 },
  ])
  assert.equal(fromTar.system.timeZone, 'America/New_York')
})

test('what cannot be played is refused with what to do', async (t) => {
  await assert.rejects(openRecordedFeed({ data: '/nowhere/at/all', now: NOW }), /is not there/)
  const empty = await folderWith(t, { 'readme.txt': 'nothing' })
  await assert.rejects(openRecordedFeed({ data: empty, now: NOW }), /holds no recording/)
  const placeless = await folderWith(t, { 'status.csv': recordedCsv(STARTS_AT, 1) })
  await assert.rejects(openRecordedFeed({ data: placeless, now: NOW }), /station_information/)
  const damaged = await folderWith(t, { 'status.csv.xz': Buffer.from('not xz at all') })
  await assert.rejects(openRecordedFeed({ data: damaged, now: NOW }), /status\.csv\.xz cannot be read/)
})
