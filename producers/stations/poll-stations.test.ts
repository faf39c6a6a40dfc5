import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StationInformation } from '@velocast/schemas'
import { readStationStatus } from '../gbfs/read-station-status.ts'
import type { RequestJson } from '../http/request-json.ts'
import { intervalSchedule } from '../schedule/schedule.ts'
import { facts, fakeOperator, follow, MINUTE_MS, start, station } from '../testing/follow-operator.ts'
import { stationPolling } from './poll-stations.ts'
import { stationCursorFrom } from './station-cursor.ts'

test('a poll publishes information first, then status with what is known of the station', async () => {
  const { say, request } = fakeOperator()
  say.information(facts('a'), facts('b'))
  say.status(start - 10_000, station('a', 3), station('new'))
  const following = follow(request)
  const result = await following.poll(start)
  assert.equal(result.published, 4)
  assert.deepEqual(
    following.statuses().map(({ stationId, bikes, capacity, observedAt, polledAt }) => ({
      stationId,
      bikes,
      capacity,
      observedAt,
      polledAt,
    })),
    [
      { stationId: 'a', bikes: 3, capacity: 20, observedAt: start - 10_000, polledAt: start },
      { stationId: 'new', bikes: 5, capacity: null, observedAt: start - 10_000, polledAt: start },
    ],
  )
  assert.deepEqual(following.outcomes(), ['station_information PUBLISHED', 'station_status PUBLISHED'])
  assert.deepEqual(following.polls[1]?.missingStations, ['b'])
  assert.equal(following.polls[1]?.latencyMs, 2)
})

test('a poll says which version the feed names, and which fields its stations have', async () => {
  const { say, request } = fakeOperator()
  say.information(facts('a'))
  say.status(start, { ...station('a'), num_ebikes_available: 2, vendor_note: null }, station('b'))
  const following = follow(request)
  await following.poll(start)
  say.status(start, { ...station('a'), num_ebikes_available: null }, 'unreadable' as never)
  await following.poll(start + 15 * MINUTE_MS)
  say.notModified('station_status')
  await following.poll(start + 30 * MINUTE_MS)
  const said = following.polls.map(({ feed, version, fields }) => [feed, version, fields.join(' ')])
  assert.deepEqual(said, [
    ['station_information', null, 'capacity lat lon name station_id'],
    ['station_status', null, 'num_bikes_available num_ebikes_available station_id'],
    ['station_status', null, 'num_bikes_available station_id'],
    ['station_status', null, ''],
  ])
})

test('the version is that of the document, else that of gbfs.json, and never a guess', () => {
  const listed = { data: { stations: [station('a')] } }
  const read = (document: object, version: string | null) =>
    readStationStatus(document, { polledAt: start, version }).declaredVersion
  assert.equal(read({ ...listed, version: '2.2' }, '2.3'), '2.2')
  assert.equal(read(listed, '2.3'), '2.3')
  assert.equal(read(listed, null), null)
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index + 100}`, index]))
  const { fields } = readStationStatus(
    { data: { stations: [{ ...station('a'), ...wide }] } },
    { polledAt: start },
  )
  assert.deepEqual([fields.length, fields[0], fields.at(-1)], [64, 'f100', 'f163'])
})

test('a feed that has not moved on, or steps back, is not a new observation', async () => {
  const { say, request } = fakeOperator()
  say.information(facts('a'))
  say.status(start, station('a'))
  const following = follow(request)
  await following.poll(start)
  say.status(start, station('a', 9))
  await following.poll(start + 15 * MINUTE_MS)
  say.status(start - MINUTE_MS, station('a', 8))
  await following.poll(start + 30 * MINUTE_MS)
  say.notModified('station_status')
  await following.poll(start + 45 * MINUTE_MS)
  assert.equal(following.statuses().length, 1)
  const status = following.polls.filter(({ feed }) => feed === 'station_status')
  assert.deepEqual(
    status.map(({ outcome }) => outcome),
    ['PUBLISHED', 'UNCHANGED', 'UNCHANGED', 'UNCHANGED'],
  )
  assert.ok(status.every(({ feedUpdatedAt }) => feedUpdatedAt === start))
})

test('polls for one moment of a feed that names no time are one observation, whoever makes them', async () => {
  const { say, request } = fakeOperator()
  say.information(facts('a'))
  say.status(Number.NaN, station('a'))
  const moments = []
  for (const lateMs of [0, 3_000, 60_000]) {
    const following = follow(request)
    await following.poll(start + lateMs)
    moments.push(
      following.statuses().map(({ observedAt, polledAt }) => [observedAt - start, polledAt - start]),
    )
  }
  assert.deepEqual(moments, [[[0, 0]], [[0, 3_000]], [[60_000, 60_000]]])
})

test('a failed feed is a poll like any other, and its address is looked up again', async () => {
  const { say, request, timesAsked } = fakeOperator()
  say.information(facts('a'))
  say.failure('station_status')
  const following = follow(request)
  const failed = await following.poll(start)
  assert.equal(failed.reports.at(-1)?.failure, 'refused')
  assert.equal(following.polls.at(-1)?.outcome, 'FAILED')
  assert.match(following.polls.at(-1)?.detail ?? '', /503/)
  say.status(start + MINUTE_MS, station('a'))
  await following.poll(start + MINUTE_MS)
  assert.equal(following.statuses().length, 1)
  assert.equal(timesAsked('gbfs'), 2)
})

test('gbfs.json is needed once; afterwards it may be away', async () => {
  const without = fakeOperator()
  without.say.failure('gbfs')
  const lost = follow(without.request)
  await lost.poll(start)
  assert.deepEqual(lost.outcomes(), ['station_status FAILED'])

  const { say, request, timesAsked } = fakeOperator()
  say.information(facts('a'))
  say.status(start, station('a'))
  const following = follow(request)
  await following.poll(start)
  say.failure('gbfs')
  say.status(start + 25 * 60 * MINUTE_MS, station('a'))
  await following.poll(start + 25 * 60 * MINUTE_MS)
  assert.equal(timesAsked('gbfs'), 2)
  assert.equal(following.statuses().length, 2)
})

test('stations go by the ids by which they report, however their information writes them', async () => {
  const { say, request } = fakeOperator()
  say.information(facts('007'), facts('A'), facts('12'), facts('012'))
  say.status(start, station('7'), station('a'), station('12'))
  const following = follow(request)
  await following.poll(start)
  assert.deepEqual(
    following.information().map(({ stationId }) => stationId),
    ['012', '12', '7', 'a'],
  )
  assert.deepEqual(
    following.statuses().map(({ stationId, capacity }) => [stationId, capacity]),
    [
      ['12', 20],
      ['7', 20],
      ['a', 20],
    ],
  )
  const [information, status] = following.polls
  assert.deepEqual(
    information?.oddities
      .map(({ rule, count }) => [rule, count])
      .filter(([rule]) => rule === 'station-ids-joined'),
    [['station-ids-joined', 2]],
  )
  assert.deepEqual(status?.missingStations, ['012'])
  // A status that cannot be read, or leaves a station out, does not give it another id.
  say.failure('station_status')
  say.information(facts('007', 30), facts('A'), facts('12'), facts('012'))
  await following.poll(start + 61 * MINUTE_MS)
  assert.deepEqual(
    following
      .information()
      .slice(4)
      .map(({ stationId, capacity }) => [stationId, capacity]),
    [['7', 30]],
  )
})

test('a version that only gbfs_versions names is that of documents without one', async () => {
  const asked: string[] = []
  const feeds = ['station_status', 'station_information', 'gbfs_versions'].map((name) => ({
    name,
    url: `https://bikes.example/${name}`,
  }))
  const documents: Record<string, unknown> = {
    gbfs: { last_updated: start / 1000, ttl: 60, data: { en: { feeds } } },
    gbfs_versions: { data: { versions: [{ version: '2.2', url: 'https://bikes.example/gbfs' }] } },
    station_information: { last_updated: start / 1000, ttl: 60, data: { stations: [facts('a')] } },
    station_status: {
      last_updated: start / 1000,
      ttl: 60,
      data: { stations: [{ ...station('a'), is_renting: 1, is_installed: 1, is_returning: 1 }] },
    },
  }
  const following = follow(async (address) => {
    const name = address.split('/').at(-1)!
    asked.push(name)
    return { kind: 'document', document: documents[name], etag: null, latencyMs: 1 }
  })
  await following.poll(start)
  assert.ok(asked.includes('gbfs_versions'))
  const oddities = following.polls.at(-1)?.oddities.map(({ rule }) => rule) ?? []
  assert.ok(oddities.includes('boolean-as-number'), `${oddities}`)
})

test('an error that is not of the feed is not hidden', async () => {
  const bug: RequestJson = async () => {
    throw new TypeError('a bug')
  }
  await assert.rejects(follow(bug).poll(start), TypeError)
})

test('an ETag is remembered only when its document is in the log', async () => {
  const { say, request, asked } = fakeOperator()
  say.information(facts('a'))
  say.status(start, station('a'))
  let isAway = true
  const job = stationPolling({
    system: { systemId: 'harbour', gbfs: 'https://bikes.example/gbfs' },
    schedule: intervalSchedule(MINUTE_MS),
    request,
    publish: async () => {
      if (isAway) throw new Error('the broker is away')
    },
  })
  const fresh = stationCursorFrom(new Map(), null)
  await assert.rejects(job.runOnce({ now: start, cursor: fresh }), /away/)
  isAway = false
  const { cursor } = await job.runOnce({ now: start + MINUTE_MS, cursor: fresh })
  await job.runOnce({ now: start + 2 * MINUTE_MS, cursor })
  const etags = asked.filter(({ name }) => name === 'station_status').map(({ options }) => options.etag)
  assert.deepEqual(etags, [null, null, '"station_status"'])
})

test('after a restart the log says what is due, what is published and what has moved on', async () => {
  const { say, request } = fakeOperator()
  say.information(facts('a'))
  say.status(start, station('a'))
  const before = follow(request)
  await before.poll(start)
  const published = new Map(before.information().map((each) => [each.stationId, each]))
  const cursor = stationCursorFrom(published, before.polls.at(-1) ?? null)
  const after = follow(request)
  assert.equal(after.job.isDue({ now: start + 14 * MINUTE_MS, cursor }), false)
  assert.equal(after.job.isDue({ now: start + 200 * MINUTE_MS, cursor }), true)
  const result = await after.job.runOnce({ now: start + 200 * MINUTE_MS, cursor })
  assert.equal(result.published, 0)
  assert.deepEqual(after.outcomes(), ['station_information UNCHANGED', 'station_status UNCHANGED'])
})

test('a later poll has the last word on a station, but an earlier one does not learn from it', async () => {
  const { say, request } = fakeOperator()
  say.information(facts('a', 18))
  say.status(start, station('a'))
  const later: StationInformation = {
    systemId: 'harbour',
    stationId: 'a',
    name: 'a',
    latitude: 1,
    longitude: 2,
    capacity: 20,
    isVirtual: false,
    regionId: null,
    polledAt: start + 60 * MINUTE_MS,
  }
  const published = new Map([['a', later]])
  const following = follow(request)
  await following.job.runOnce({ now: start, cursor: stationCursorFrom(published, null) })
  assert.deepEqual(following.information(), [])
  assert.equal(following.statuses()[0]?.capacity, 18)
})
