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

const following = () => {
  const records: TopicRecord[] = []
  const polls: FeedPoll[] = []
  let said: { observation: FeedReading<WeatherNow>; forecast: FeedReading<WeatherAhead> } = {
    observation: failed,
    forecast: failed,
  }
  const provider: WeatherProvider = {
    name: 'sky',
    feeds: { observation: 'sky/now', forecast: 'sky/ahead' },
    read: async () => said,
  }
  const job = weatherPolling({
    system: { systemId: 'harbour', latitude: 1, longitude: 2 },
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
  assert.deepEqual(restarted, cursor)
  assert.equal(job.isDue({ now: start + 89 * MINUTE_MS, cursor: restarted }), false)
  assert.equal(job.isDue({ now: start + 90 * MINUTE_MS, cursor: restarted }), true)
})
