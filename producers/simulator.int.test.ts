/** The simulated city is an operator like any other: every GBFS version, both weather services, through the real broker. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSystems, systemClock } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import { type GbfsVersion, startSimulator } from '@velocast/simulator'
import { createTestKafka } from '@velocast/testkit'
import { backfillPolls } from './backfill/backfill-polls.ts'
import { openHttpClient } from './http/open-http-client.ts'
import { readValues } from './testing/read-values.ts'
import { backfillWeather } from './weather/backfill-weather.ts'

const HOUR_MS = 60 * 60_000
const STATIONS = 12

const PLACES = ['hills', 'shore']

/** The city of GBFS 1.1 has its weather at two places. */
const SYSTEMS: { version: GbfsVersion; weather: object; name: string }[] = [
  { version: '1.1', weather: { provider: 'open-meteo' }, name: 'v1' },
  { version: '2.3', weather: { provider: 'open-meteo' }, name: 'v2' },
  { version: '3.0', weather: { provider: 'openweathermap', apiKeyVariable: 'SKY_KEY' }, name: 'v3' },
]

test('history that came in without weather gets it, at every place; published again it is the same', async (context) => {
  const stack = await createTestKafka({ partitions: 1 })
  context.after(() => stack.close())
  const simulator = await startSimulator({
    seed: 7,
    gbfsVersion: '2.3',
    stations: STATIONS,
    feed: { kind: 'city', hasFeedOutages: false, hasStationOutages: false },
  })
  context.after(() => simulator.stop())
  const { latitude, longitude } = simulator.info
  const stopping = new AbortController()
  const http = openHttpClient({ clock: systemClock, signal: stopping.signal, budgetMs: 10_000 })
  context.after(() => http.close())
  const to = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  const fillIn = () =>
    backfillWeather({
      system: {
        systemId: 'city',
        weatherLocations: PLACES.map((locationId) => ({ locationId, latitude, longitude })),
        weather: { provider: 'open-meteo', address: simulator.address },
      },
      from: to - 47 * HOUR_MS,
      to,
      request: http.request,
      kafka: stack.kafka,
      clock: systemClock,
    })
  const { observations, withoutForecasts } = await fillIn()
  assert.equal(observations, 2 * 48)
  assert.match(withoutForecasts ?? '', /answers 400/, 'the simulator keeps no runs')
  await fillIn()
  const weather = await readValues(stack.kafka, topics.weatherObservations)
  assert.equal(weather.length, 2 * 2 * 48)
  assert.deepEqual(weather.slice(96), weather.slice(0, 96))
})

test('a city says the same in every version of GBFS, and its weather is that of both services', async (context) => {
  const stack = await createTestKafka({ partitions: 1 })
  context.after(() => stack.close())
  const to = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  for (const { version, weather, name } of SYSTEMS) {
    const simulator = await startSimulator({
      seed: 7,
      gbfsVersion: version,
      stations: STATIONS,
      feed: { kind: 'city', hasFeedOutages: false, hasStationOutages: false },
    })
    context.after(() => simulator.stop())
    const { timeZone, latitude, longitude } = simulator.info
    const [system] = parseSystems(
      {
        systems: [
          {
            systemId: name,
            gbfs: simulator.gbfsAddress,
            timeZone,
            country: 'DE',
            latitude,
            longitude,
            weather: { ...weather, address: simulator.address },
            ...(name === 'v1'
              ? { weatherLocations: PLACES.map((locationId) => ({ locationId, latitude, longitude })) }
              : {}),
          },
        ],
      },
      'the test',
    )
    const result = await backfillPolls({
      system: system!,
      from: to - 2 * HOUR_MS,
      to,
      kafka: stack.kafka,
      fetch,
      clock: systemClock,
      env: { SKY_KEY: 'any' },
    })
    assert.deepEqual([result.polls, result.failed], [9 + 5, 0], name)
  }
  const statuses = await readValues(stack.kafka, topics.stationStatus)
  const saidBy = (name: string) =>
    statuses
      .filter(({ systemId }) => systemId === name)
      .map(({ stationId, observedAt, reportedAt, bikes, ebikes, docks, capacity }) =>
        [stationId, observedAt, reportedAt, bikes, ebikes, docks, capacity].join(' '),
      )
  assert.equal(saidBy('v2').length, 9 * STATIONS)
  assert.deepEqual(saidBy('v1'), saidBy('v2'))
  assert.deepEqual(saidBy('v3'), saidBy('v2'))

  const weather = await readValues(stack.kafka, topics.weatherObservations)
  const ahead = await readValues(stack.kafka, topics.weatherForecasts)
  for (const name of ['v2', 'v3']) {
    const now = weather.filter(({ systemId }) => systemId === name)
    assert.ok(now.length >= 3 && now.every(({ temperatureC }) => Number.isFinite(temperatureC)), name)
    assert.equal(ahead.filter(({ systemId }) => systemId === name).length, 3, name)
  }
  const places = [...new Set(weather.map(({ systemId, locationId }) => `${systemId} ${locationId}`))]
  assert.deepEqual(places.sort(), ['v1 hills', 'v1 shore', 'v2 centre', 'v3 centre'])
  const close = (first: number, second: number) => Math.abs(first - second) < 3
  const temperatureOf = (name: string) => weather.findLast(({ systemId }) => systemId === name)!.temperatureC
  assert.ok(close(temperatureOf('v2'), temperatureOf('v3')))
})
