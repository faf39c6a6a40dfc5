import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { FeedError } from '../feed-error.ts'
import type { RequestJson } from '../http/request-json.ts'
import { openMeteo, readOpenMeteoAhead, readOpenMeteoNow } from './open-meteo.ts'

const HOUR_MS = 3_600_000
const midnight = Date.UTC(2026, 2, 2)
const polledAt = midnight + 8.4 * HOUR_MS

const hourly = (hours: number) => ({
  time: Array.from({ length: hours }, (_, hour) => midnight / 1000 + hour * 3600),
  temperature_2m: Array.from({ length: hours }, (_, hour) => hour / 10),
  relative_humidity_2m: Array.from({ length: hours }, () => 80),
  precipitation: Array.from({ length: hours }, (_, hour) => hour),
  wind_speed_10m: Array.from({ length: hours }, () => null),
})
const answer = {
  utc_offset_seconds: 0,
  current_units: {
    temperature_2m: '°F',
    apparent_temperature: '°C',
    relative_humidity_2m: '%',
    precipitation: 'mm',
    cloud_cover: '%',
    pressure_msl: 'hPa',
    wind_speed_10m: 'km/h',
  },
  current: {
    time: midnight / 1000 + 8.25 * 3600,
    interval: 900,
    temperature_2m: 50,
    apparent_temperature: 7.5,
    relative_humidity_2m: 81,
    precipitation: 99,
    weather_code: 61,
    cloud_cover: 100,
    pressure_msl: 1012.5,
    wind_speed_10m: 36,
  },
  hourly_units: {
    temperature_2m: '°C',
    relative_humidity_2m: '%',
    precipitation: 'mm',
    wind_speed_10m: 'm/s',
  },
  hourly: hourly(192),
}

test('the weather now, in our units', () => {
  const { visibilityM, ...now } = readOpenMeteoNow(answer, { polledAt })
  assert.ok(Number.isNaN(visibilityM))
  assert.deepEqual(now, {
    observedAt: midnight + 8.25 * HOUR_MS,
    temperatureC: 10,
    feelsLikeC: 7.5,
    humidityPercent: 81,
    windSpeedMps: 10,
    // Of the hour that ended at eight, not of the last quarter of an hour.
    precipitationMm: 8,
    cloudCoverPercent: 100,
    pressureHpa: 1012.5,
    condition: 'rain',
  })
})

test('a forecast holds the week ahead and nothing that is over', () => {
  const { issuedAt, validAt, temperatureC, windSpeedMps } = readOpenMeteoAhead(answer, { polledAt })
  assert.equal(issuedAt, midnight + 8 * HOUR_MS)
  assert.equal(validAt[0], midnight + 9 * HOUR_MS)
  assert.equal(validAt.length, 169)
  assert.ok(validAt.at(-1)! >= polledAt + 168 * HOUR_MS)
  assert.equal(temperatureC[0], 0.9)
  assert.ok(windSpeedMps.every(Number.isNaN))
})

test('many places are one request, and each has its part of the answer', async () => {
  const places = ['fjord', 'hills', 'moor'].map((locationId, index) => ({
    locationId,
    latitude: 59 + index,
    longitude: 10 - index / 2,
  }))
  const asked: URL[] = []
  const warmer = { ...answer, current: { ...answer.current, temperature_2m: 59 } }
  const request: RequestJson = async (address) => {
    asked.push(new URL(address))
    return { kind: 'document', document: [answer, warmer], etag: null, latencyMs: 1 }
  }
  const { observations, forecasts } = await openMeteo().read(request, places, { polledAt, note: () => {} })
  assert.equal(asked.length, 1)
  assert.deepEqual(
    ['latitude', 'longitude'].map((name) => asked[0]?.searchParams.get(name)),
    ['59,60,61', '10,9.5,9'],
  )
  assert.deepEqual(
    observations.map((each) => (each.kind === 'read' ? each.reading.temperatureC : each.kind)),
    [10, 15, 'failed'],
  )
  assert.deepEqual(
    forecasts.map(({ kind }) => kind),
    ['read', 'read', 'failed'],
  )
})

test('what no weather can be is unknown, and noted', () => {
  const noted: string[] = []
  const odd = { ...answer, current: { ...answer.current, temperature_2m: 212, apparent_temperature: 'warm' } }
  const units = { ...answer.current_units, wind_speed_10m: 'Bft' }
  const now = readOpenMeteoNow(
    { ...odd, current_units: units },
    { polledAt, note: (rule, example) => noted.push(`${rule}: ${example}`) },
  )
  assert.ok([now.temperatureC, now.feelsLikeC, now.windSpeedMps].every(Number.isNaN))
  assert.equal(now.humidityPercent, 81)
  assert.deepEqual(noted, [
    'weather-implausible: temperatureC 212 °F',
    'weather-implausible: temperatureC "warm" °C',
    'weather-unit-unknown: windSpeedMps in "Bft"',
  ])
})

test('local times without an offset are read by the offset that the answer states', () => {
  const local = {
    utc_offset_seconds: -18_000,
    hourly_units: { temperature_2m: '°F' },
    hourly: { time: ['2026-03-02T04:00', '2026-03-02T05:00'], temperature_2m: [32, 'x'] },
  }
  const { validAt, temperatureC } = readOpenMeteoAhead(local, { polledAt })
  assert.deepEqual(validAt, [midnight + 9 * HOUR_MS, midnight + 10 * HOUR_MS])
  assert.equal(temperatureC[0], 0)
  assert.ok(Number.isNaN(temperatureC[1]))
})

test('an answer without what was asked for is an error of the feed', () => {
  assert.throws(() => readOpenMeteoNow({}, { polledAt }), FeedError)
  assert.throws(() => readOpenMeteoNow({ current: {} }, { polledAt }), FeedError)
  assert.throws(() => readOpenMeteoAhead({ hourly: { time: [] } }, { polledAt }), FeedError)
})

const folder = fileURLToPath(new URL('../../../shared/data/weather/api-samples', import.meta.url))
const skip = existsSync(folder) ? false : `there are no recorded answers at ${folder}`

test('recorded answers are read, in °F and miles and local times', { skip }, () => {
  for (const path of globSync('openmeteo_forecast_*.json', { cwd: folder })) {
    const [, date, hour] = /_(\d{4}-\d{2}-\d{2})_(\d{2})00/.exec(path)!
    const recordedAt = Date.parse(`${date}T${hour}:00Z`)
    const ahead = readOpenMeteoAhead(JSON.parse(readFileSync(join(folder, path), 'utf8')), {
      polledAt: recordedAt,
    })
    assert.ok(ahead.validAt.length >= 24, path)
    assert.ok(
      ahead.temperatureC.every((celsius) => celsius > -20 && celsius < 40),
      path,
    )
    assert.ok(
      ahead.humidityPercent.every((percent) => percent > 0 && percent <= 100),
      path,
    )
  }
})
