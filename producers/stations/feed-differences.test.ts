/** When the two feeds are asked for, and what is made of stations that only one of them knows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { facts, fakeOperator, follow, MINUTE_MS, start, station } from '../testing/follow-operator.ts'
import { stationCursorFrom } from './station-cursor.ts'

test('information is published when it is new or has changed, and asked for once an hour', async () => {
  const { say, request, timesAsked } = fakeOperator()
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
  const { say, request, timesAsked } = fakeOperator()
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
  const { say, request } = fakeOperator()
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
  const { say, request, timesAsked } = fakeOperator()
  say.information(facts('a'))
  say.status(start, station('a'))
  say.ttl(7_200)
  const following = follow(request)
  for (let minutes = 0; minutes <= 240; minutes += 15) await following.poll(start + minutes * MINUTE_MS)
  assert.equal(timesAsked('station_information'), 3)
})

test('a station that is silent is missing, unless the operator has taken it off the list', async () => {
  const { say, request, timesAsked } = fakeOperator()
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
