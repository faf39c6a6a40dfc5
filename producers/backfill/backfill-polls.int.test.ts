import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock, UnavailableError } from '@velocast/runtime'
import { type StationStatus, type Topic, topics } from '@velocast/schemas'
import { createTestKafka, type TestKafka } from '@velocast/testkit'
import { INFORMATION_FEED } from '../stations/station-cursor.ts'
import { readValues } from '../testing/read-values.ts'
import { type Operator, STATION_IDS, serveOperator } from '../testing/serve-operator.ts'
import { type BackfillOptions, backfillPolls } from './backfill-polls.ts'

const DAY_MS = 24 * 60 * 60_000
const to = Math.floor(Date.now() / DAY_MS) * DAY_MS
const from = to - 3 * DAY_MS
const STATUS_POLLS = 3 * 96 + 1
const WEATHER_POLLS = 3 * 48 + 1

let operator: Operator
let first: TestKafka
let second: TestKafka

before(async () => {
  operator = await serveOperator()
  first = await createTestKafka({ partitions: 1 })
  second = await createTestKafka({ partitions: 1 })
})
after(async () => {
  await Promise.all([first?.close(), second?.close()])
  await operator?.close()
})

const backfill = ({ kafka }: TestKafka, options: Partial<BackfillOptions> = {}) =>
  backfillPolls({ system: operator.system, from, to, kafka, fetch, clock: systemClock, ...options })

const all = <T>({ kafka }: TestKafka, topic: Topic<T>) => readValues(kafka, topic)

const nameOf = ({ stationId, observedAt, bikes, polledAt, capacity }: StationStatus): string =>
  [stationId, observedAt, bikes, polledAt, capacity].join(' ')

/** A feed that is asked for hourly is asked for at the start of a run, too: its polls differ. */
const closedPolls = async (kafka: TestKafka): Promise<string[]> => {
  const polls = (await all(kafka, topics.feedPolls)).filter(({ feed }) => feed !== INFORMATION_FEED)
  return [...new Set(polls.map(({ feed, polledAt, outcome }) => `${feed} ${polledAt} ${outcome}`))].sort()
}

test('history is polled quarter by quarter, and a second run has nothing to do', async () => {
  const progress: number[] = []
  const done = await backfill(first, { onProgress: (seen) => progress.push(seen.done / seen.of) })
  assert.equal(done.polls, STATUS_POLLS + WEATHER_POLLS)
  assert.equal(done.failed, 0)
  assert.equal(progress.at(-1), 1)
  const statuses = await all(first, topics.stationStatus)
  assert.equal(statuses.length, STATUS_POLLS * STATION_IDS.length)
  assert.ok(
    statuses.every(({ observedAt, polledAt, capacity }) => observedAt === polledAt && capacity === 20),
  )
  assert.deepEqual(
    statuses.map(({ observedAt }) => observedAt),
    statuses.map(({ observedAt }) => observedAt).sort((a, b) => a - b),
  )
  assert.equal((await all(first, topics.weatherForecasts)).length, 3 * 24 + 1)
  assert.equal((await all(first, topics.stationInformation)).length, STATION_IDS.length)

  const again = await backfill(first)
  assert.deepEqual(
    { ...again, seconds: 0 },
    { ...done, polls: 0, published: 0, resumed: done.polls, seconds: 0 },
  )
})

test('a run that was interrupted is gone on with, and the log then holds what an undisturbed run writes', async () => {
  const stopping = new AbortController()
  const interrupted = backfill(second, {
    batchRecords: 100,
    signal: stopping.signal,
    onProgress: ({ done }) => {
      if (done >= 200) stopping.abort(new Error('enough'))
    },
  })
  await assert.rejects(interrupted, /enough/)
  const rest = await backfill(second)
  assert.ok(rest.resumed > 0 && rest.polls > 200, JSON.stringify(rest))

  const undisturbed = (await all(first, topics.stationStatus)).map(nameOf)
  const resumed = (await all(second, topics.stationStatus)).map(nameOf)
  assert.deepEqual([...new Set(resumed)], undisturbed)
  assert.deepEqual(await closedPolls(second), await closedPolls(first))
})

test('a feed that was down is a failed poll; a server that is away ends the run, to be resumed', async () => {
  operator.setStatus('down')
  const earlier = { from: from - DAY_MS, to: from - DAY_MS + 45 * 60_000 }
  const down = await backfill(first, earlier)
  operator.setStatus('live')
  assert.equal(down.failed, 4)
  const away = { ...operator.system, gbfs: 'http://127.0.0.1:1/gbfs' }
  await assert.rejects(
    backfill(first, { system: away, from: from - 2 * DAY_MS, to: from - 2 * DAY_MS }),
    UnavailableError,
  )
})

test('a feed that only knows the present cannot fill in the past', async () => {
  operator.setStatus({ frozenAt: Date.now() })
  const past = from - 5 * DAY_MS
  await assert.rejects(
    backfill(first, { from: past, to: past }),
    /only a simulator or a recorded-feed player/,
  )
  operator.setStatus('live')
})
