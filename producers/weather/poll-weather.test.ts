import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopicRecord } from '@velocast/kafka'
import type { FeedPoll } from '@velocast/schemas'
import { FeedError } from '../feed-error.ts'
import type { FeedReading } from '../read-feed.ts'
import { intervalSchedule } from '../schedule/schedule.ts'
import { type WeatherCursor, weatherCursorFrom, weatherPolling } from './poll-weather.ts'
import type { WeatherAhead, WeatherNow, WeatherProvider } from './weather-provider.ts'

const MINUTE_MS = 60_000
const start = Date.UTC(2026, 2, 2, 8)
const read = <T>(reading: T): FeedReading<T> => ({ kind: 'read', reading, etag: null, latencyMs: 3 })
const failed = { kind: 'failed', error: new FeedError('refused', 'answers 401'), latencyMs: 0 } as const

const CENTRE = { locationId: 'centre', latitude: 1, longitude: 2 }

const following = (locations = [CENTRE]) => {
  const silent = new Set<string>()
  let oddity = ''
  const records: TopicRecord[] = []
  const polls: FeedPoll[] = []
  let said: { observation: FeedReading<WeatherNow>; forecast: FeedReading<WeatherAhead> } = {
    observation: failed,
    forecast: failed,
  }
  const provider: WeatherProvider = {
    name: 'sky',
    feeds: { observation: 'sky/now', forecast: 'sky/ahead' },
    read: async (_, __, { note }) => {
      if (oddity) note('weather-implausible', oddity)
      return {
        observations: locations.map(({ locationId }) => (silent.has(locationId) ? failed : said.observation)),
        forecasts: locations.map(({ locationId }) => (silent.has(locationId) ? failed : said.forecast)),
      }
    },
  }
  const job = weatherPolling({
    system: { systemId: 'harbour', weatherLocations: locations },
    provider,
    schedule: intervalSchedule(30 * MINUTE_MS),
    request: async () => ({ kind: 'unchanged', latencyMs: 0 }),
    publish: async (more, closed) => {
      records.push(...more)
      polls.push(...closed)
    },
  })
  let cursor = weatherCursorFrom(null, null)
  return {
    job,
    records,
    polls,
    silent,
    sayOddly: (example: string) => {
      oddity = example
    },
    say: (observedAt: number | null, issuedAt: number | null) => {
      said = {
        observation: observedAt === null ? failed : read({ observedAt } as WeatherNow),
        forecast: issuedAt === null ? failed : read({ issuedAt } as WeatherAhead),
      }
    },
    poll: async (now: number): Promise<WeatherCursor> => {
      cursor = (await job.runOnce({ now, cursor })).cursor
      return cursor
    },
  }
}

test('what has been published is not published again; what is new is', async () => {
  const { say, poll, records, polls } = following()
  say(start - MINUTE_MS, start)
  await poll(start)
  say(start + 25 * MINUTE_MS, start)
  await poll(start + 30 * MINUTE_MS)
  assert.deepEqual(
    records.map(({ topic, value }) => `${topic.name} ${value.polledAt - start} ${value.provider}`),
    ['weather-observations 0 sky', 'weather-forecasts 0 sky', `weather-observations ${30 * MINUTE_MS} sky`],
  )
  assert.deepEqual(
    polls.map(({ feed, outcome }) => `${feed} ${outcome}`),
    ['sky/now PUBLISHED', 'sky/ahead PUBLISHED', 'sky/now PUBLISHED', 'sky/ahead UNCHANGED'],
  )
})

test('one of the two may fail, and the newest polls tell a restart all it needs', async () => {
  const { say, poll, polls, job } = following()
  say(start, start)
  await poll(start)
  say(null, start + 60 * MINUTE_MS)
  const cursor = await poll(start + 60 * MINUTE_MS)
  assert.deepEqual(
    polls.slice(2).map(({ outcome, detail }) => `${outcome} ${detail}`),
    ['FAILED answers 401', 'PUBLISHED null'],
  )
  const restarted = weatherCursorFrom(polls[2]!, polls[3]!)
  assert.deepEqual([restarted.observed.all, restarted.issued.all], [start, start + 60 * MINUTE_MS])
  assert.equal(restarted.polledAt, cursor.polledAt)
  assert.equal(job.isDue({ now: start + 89 * MINUTE_MS, cursor: restarted }), false)
  assert.equal(job.isDue({ now: start + 90 * MINUTE_MS, cursor: restarted }), true)
})

test('every location has its record, one poll speaks for all, and one that cannot be read is named', async () => {
  const { say, poll, silent, records, polls } = following([CENTRE, { ...CENTRE, locationId: 'hills' }])
  silent.add('hills')
  say(start, start)
  await poll(start)
  silent.clear()
  await poll(start + 30 * MINUTE_MS)
  assert.deepEqual(
    records.map(({ topic, value }) => `${topic.name} ${value.locationId} ${value.polledAt - start}`),
    [
      'weather-observations centre 0',
      'weather-forecasts centre 0',
      `weather-observations hills ${30 * MINUTE_MS}`,
      `weather-forecasts hills ${30 * MINUTE_MS}`,
    ],
  )
  assert.deepEqual(
    polls.map(({ outcome, published, detail, feedUpdatedAt }) => [outcome, published, detail, feedUpdatedAt]),
    [
      ['PUBLISHED', 1, 'hills: answers 401', null],
      ['PUBLISHED', 1, 'hills: answers 401', null],
      ['PUBLISHED', 1, null, start],
      ['PUBLISHED', 1, null, start],
    ],
  )
  silent.add('hills').add('centre')
  await poll(start + 60 * MINUTE_MS)
  assert.deepEqual(polls.at(-1)?.outcome, 'FAILED')
})

test('what cannot be true is in the record of the poll', async () => {
  const { say, poll, sayOddly, polls } = following()
  say(start, start)
  sayOddly('temperatureC 99 °C')
  await poll(start)
  assert.deepEqual(
    polls.map(({ oddities }) => oddities),
    [[{ rule: 'weather-implausible', count: 1, example: 'temperatureC 99 °C' }], []],
  )
})
