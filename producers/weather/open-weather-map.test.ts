import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { FeedError } from '../feed-error.ts'
import type { ApiKey } from '../http/api-key.ts'
import type { RequestJson } from '../http/request-json.ts'
import { openWeatherMap, readOpenWeatherMapAhead, readOpenWeatherMapNow } from './open-weather-map.ts'

const HOUR_MS = 3_600_000
const polledAt = Date.UTC(2026, 2, 2, 8, 20)
const updatedAt = Date.UTC(2026, 2, 2, 8, 11)
const step = (validAt: number, fields: object = {}) => ({
  dt: validAt / 1000,
  main: { temp: 4, humidity: 90 },
  wind: { speed: 3 },
  ...fields,
})

test('the weather now; no rain is zero, what is missing is unknown', () => {
  const answer = {
    dt: updatedAt / 1000,
    weather: [{ id: 741 }],
    main: { temp: 3.2, feels_like: 0.4, pressure: 1009, sea_level: 1011, humidity: 93 },
    wind: { speed: 2.5 },
    visibility: 4828,
  }
  assert.deepEqual(readOpenWeatherMapNow(answer, { polledAt }), {
    observedAt: updatedAt,
    temperatureC: 3.2,
    feelsLikeC: 0.4,
    humidityPercent: 93,
    windSpeedMps: 2.5,
    precipitationMm: 0,
    cloudCoverPercent: Number.NaN,
    pressureHpa: 1011,
    visibilityM: 4828,
    condition: 'fog',
  })
  const wet = { ...answer, rain: { '1h': 1.5 }, snow: { '1h': 0.5 } }
  assert.equal(readOpenWeatherMapNow(wet, { polledAt }).precipitationMm, 2)
})

test('a forecast spreads what falls in three hours over them', () => {
  const list = [
    step(polledAt - HOUR_MS),
    step(polledAt + 4 * HOUR_MS, { rain: { '3h': 6 } }),
    step(polledAt + HOUR_MS),
  ]
  const ahead = readOpenWeatherMapAhead({ list }, { polledAt })
  assert.deepEqual(ahead.validAt, [polledAt + HOUR_MS, polledAt + 4 * HOUR_MS])
  assert.deepEqual(ahead.precipitationMm, [0, 2])
  assert.equal(ahead.issuedAt, Date.UTC(2026, 2, 2, 8))
})

test('every place is asked about by itself, with a key that is no part of the address', async () => {
  const asked: [path: string, latitude: string | null, key: ApiKey | undefined][] = []
  const request: RequestJson = async (address, { key }) => {
    const { pathname, searchParams } = new URL(address)
    assert.equal(searchParams.get('appid'), null)
    asked.push([pathname, searchParams.get('lat'), key])
    throw new FeedError('refused', 'answers 429')
  }
  const place = { locationId: 'fjord', latitude: 59, longitude: 10 }
  const provider = openWeatherMap({ apiKey: 'secret' })
  const places = [place, { ...place, latitude: 60 }]
  const { observations, forecasts } = await provider.read(request, places, { polledAt, note: () => {} })
  assert.deepEqual(
    [...observations, ...forecasts].map(({ kind }) => kind),
    ['failed', 'failed', 'failed', 'failed'],
  )
  const hosts = new Set(['api.openweathermap.org'])
  const key = { in: 'query', name: 'appid', value: 'secret', hosts } as const
  assert.deepEqual(asked, [
    ['/data/2.5/weather', '59', key],
    ['/data/2.5/weather', '60', key],
    ['/data/2.5/forecast', '59', key],
    ['/data/2.5/forecast', '60', key],
  ])
})

test('an answer without what was asked for is an error of the feed', () => {
  for (const other of [null, {}, { dt: 1 }, { cod: '404', message: 'city not found' }]) {
    assert.throws(() => readOpenWeatherMapNow(other, { polledAt }), FeedError)
    assert.throws(() => readOpenWeatherMapAhead(other, { polledAt }), FeedError)
  }
})

const folder = fileURLToPath(new URL('../../../shared/data/weather/api-samples', import.meta.url))
const skip = existsSync(folder) ? false : `there are no recorded answers at ${folder}`

test('recorded answers are read; kelvins, which we never ask for, are not taken for degrees', {
  skip,
}, () => {
  const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'))
  for (const path of globSync('owm_weather_*.json', { cwd: folder })) {
    const now = readOpenWeatherMapNow(read(path), { polledAt })
    assert.ok(now.humidityPercent > 0 && now.pressureHpa > 990 && now.windSpeedMps >= 0, path)
    assert.ok(!(now.temperatureC > 60), path)
  }
  const forecast = read('owm_forecast_berlin_2025.json')
  const ahead = readOpenWeatherMapAhead(forecast, { polledAt: forecast.list[0].dt * 1000 - 1 })
  assert.equal(ahead.validAt.length, 40)
})
