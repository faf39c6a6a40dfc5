import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopicRecord } from '@velocast/kafka'
import type { FeedPoll, StationInformation, StationStatus } from '@velocast/schemas'
import { FeedError } from '../feed-error.ts'
import type { Answer, RequestJson, RequestOptions } from '../http/request-json.ts'
import { intervalSchedule } from '../schedule/schedule.ts'
import { stationPolling } from './poll-stations.ts'
import { type StationCursor, stationCursorFrom } from './station-cursor.ts'

const MINUTE_MS = 60_000
const start = Date.UTC(2026, 2, 2, 8)
const FEEDS = ['station_status', 'station_information', 'vehicle_types']

/** An operator whose documents a test changes, and who counts what it is asked for. */
const operator = () => {
  const documents: Record<string, unknown> = {
    gbfs: { data: { feeds: FEEDS.map((name) => ({ name, url: `https://bikes.example/${name}` })) } },
    vehicle_types: { data: { vehicle_types: [] } },
  }
  const headers: { freshForMs?: number; lastModified?: string } = {}
  const asked: { name: string; options: RequestOptions }[] = []
  const say = {
    information: (...stations: object[]) => {
      documents.station_information = { last_updated: 1_700_000_000, data: { stations } }
    },
    status: (updatedAt: number, ...stations: object[]) => {
      documents.station_status = { last_updated: updatedAt / 1000, data: { stations } }
    },
    /** For how long the documents are good, in seconds, by their own word and by that of HTTP. */
    ttl: (seconds: number) => {
      for (const name of ['station_status', 'station_information'])
        documents[name] = { ...(documents[name] as object), ttl: seconds }
    },
    headers,
    failure: (name: string, error = new FeedError('refused', `${name} answers 503`)) => {
      documents[name] = error
    },
    notModified: (name: string) => {
      documents[name] = 'not modified'
    },
  }
  const request: RequestJson = async (address, options): Promise<Answer> => {
    const name = address.split('/').at(-1)!
    asked.push({ name, options })
    const document = documents[name]
    if (document instanceof Error) throw document
    if (document === 'not modified') return { kind: 'unchanged', ...headers, latencyMs: 1 }
    return { kind: 'document', document, etag: `"${name}"`, ...headers, latencyMs: 2 }
  }
  const timesAsked = (name: string) => asked.filter((each) => each.name === name).length
  return { say, request, asked, timesAsked }
}

const station = (station_id: string, num_bikes_available = 5) => ({ station_id, num_bikes_available })
const facts = (station_id: string, capacity = 20) => ({
  station_id,
  name: station_id,
  lat: 1,
  lon: 2,
  capacity,
})

const follow = (
  request: RequestJson,
  everyMs = 15 * MINUTE_MS,
  known: StationCursor = stationCursorFrom(new Map(), null),
) => {
  const records: TopicRecord[] = []
  const polls: FeedPoll[] = []
  const job = stationPolling({
    system: { systemId: 'harbour', gbfs: 'https://bikes.example/gbfs' },
    schedule: intervalSchedule(everyMs),
    request,
    publish: async (more, closed) => {
      records.push(...more)
      polls.push(...closed)
    },
  })
  let cursor = known
  const valuesOf = <T>(topic: string): T[] =>
    records.filter((record) => record.topic.name === topic).map(({ value }) => value as T)
  return {
    job,
    polls,
    cursor: () => cursor,
    poll: async (now: number) => {
      const result = await job.runOnce({ now, cursor })
      cursor = result.cursor
      return result
    },
    statuses: () => valuesOf<StationStatus>('station-status'),
    information: () => valuesOf<StationInformation>('station-information'),
    outcomes: () => polls.map(({ feed, outcome }) => `${feed} ${outcome}`),
  }
}

test('a poll publishes information first, then status with what is known of the station', async () => {
  const { say, request } = operator()
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

test('a feed that has not moved on, or steps back, is not a new observation', async () => {
  const { say, request } = operator()
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
  const { say, request } = operator()
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

test('information is published when it is new or has changed, and asked for once an hour', async () => {
  const { say, request, timesAsked } = operator()
  say.information(facts('a'), facts('b'))
  const following = follow(request)
  for (let minutes = 0; minutes < 180; minutes += 15) {
    if (minutes === 60) say.information(facts('a'), facts('b', 25))
    say.status(start + minutes * MINUTE_MS, station('a'), station('b'))
    await following.poll(start + minutes * MINUTE_MS)
  }
  assert.equal(timesAsked('station_information'), 3)
  assert.deepEqual(
    following.information().map(({ stationId, capacity }) => `${stationId} ${capacity}`),
    ['a 20', 'b 20', 'b 25'],
  )
  assert.equal(following.statuses().at(-1)?.capacity, 25)
})

test('a station that is not known is looked up at once, and once only', async () => {
  const { say, request, timesAsked } = operator()
  say.information(facts('a'))
  say.status(start, station('a'))
  const following = follow(request)
  await following.poll(start)
  say.information(facts('a'), facts('b'))
  for (const minutes of [1, 2, 3]) {
    say.status(start + minutes * MINUTE_MS, station('a'), station('b'), station('never-listed'))
    await following.poll(start + minutes * MINUTE_MS)
  }
  assert.equal(timesAsked('station_information'), 2)
  assert.equal(following.statuses().find(({ stationId }) => stationId === 'b')?.capacity, 20)
})

test('a document is good for as long as its operator says, and until then not asked for again', async () => {
  const { say, request } = operator()
  const following = follow(request, MINUTE_MS)
  const dueAfter = (seconds: number) =>
    following.job.isDue({ now: start + seconds * 1000, cursor: following.cursor() })
  say.information(facts('a'))
  say.status(start, station('a'))
  say.ttl(150)
  await following.poll(start)
  assert.deepEqual([60, 120, 148, 150].map(dueAfter), [false, false, false, true])
  say.notModified('station_status')
  await following.poll(start + 150_000)
  assert.deepEqual([180, 240, 298, 300].map(dueAfter), [false, false, false, true])
  say.status(start, station('a'))
  say.headers.freshForMs = 200_000
  await following.poll(start + 300_000)
  assert.deepEqual([480, 498, 500].map(dueAfter), [false, false, true])
  say.ttl(86_400)
  await following.poll(start + 600_000)
  assert.deepEqual([4_180, 4_200].map(dueAfter), [false, true], 'an hour is as much as is believed')
})

test('information that says that it is good for longer than an hour is asked for when that is over', async () => {
  const { say, request, timesAsked } = operator()
  say.information(facts('a'))
  say.status(start, station('a'))
  say.ttl(7_200)
  const following = follow(request)
  for (let minutes = 0; minutes <= 240; minutes += 15) await following.poll(start + minutes * MINUTE_MS)
  assert.equal(timesAsked('station_information'), 3)
})

test('a station that is silent is missing, unless the operator has taken it off the list', async () => {
  const { say, request, timesAsked } = operator()
  say.information(facts('a'), facts('broken'), facts('removed'))
  say.status(start, station('a'), station('broken'), station('removed'))
  const gone = new Map([['gone-for-years', { ...facts('gone-for-years'), polledAt: 0 } as never]])
  const following = follow(request, MINUTE_MS, stationCursorFrom(gone, null))
  await following.poll(start)
  say.information(facts('a'), facts('broken'))
  for (const minutes of [1, 2]) {
    say.status(start + minutes * MINUTE_MS, station('a'))
    await following.poll(start + minutes * MINUTE_MS)
  }
  const missing = following.polls
    .filter(({ feed }) => feed === 'station_status')
    .map(({ missingStations }) => missingStations)
  assert.deepEqual(missing, [[], ['broken'], ['broken']])
  assert.equal(timesAsked('station_information'), 2, 'what is known to be missing is no reason to ask again')
})

test('a failed feed is a poll like any other, and its address is looked up again', async () => {
  const { say, request, timesAsked } = operator()
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
  const without = operator()
  without.say.failure('gbfs')
  const lost = follow(without.request)
  await lost.poll(start)
  assert.deepEqual(lost.outcomes(), ['station_status FAILED'])

  const { say, request, timesAsked } = operator()
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

test('an error that is not of the feed is not hidden', async () => {
  const bug: RequestJson = async () => {
    throw new TypeError('a bug')
  }
  await assert.rejects(follow(bug).poll(start), TypeError)
})

test('an ETag is remembered only when its document is in the log', async () => {
  const { say, request, asked } = operator()
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
  const { say, request } = operator()
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
  const { say, request } = operator()
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
