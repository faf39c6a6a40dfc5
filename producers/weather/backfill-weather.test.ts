import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { TopicRecord } from '@velocast/kafka'
import { UnavailableError } from '@velocast/runtime'
import type { WeatherForecast, WeatherObservation } from '@velocast/schemas'
import { FeedError } from '../feed-error.ts'
import type { RequestJson } from '../http/request-json.ts'
import { publishPastWeather } from './backfill-weather.ts'
import { openMeteoObserved } from './open-meteo-past.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const now = Date.UTC(2026, 5, 10, 9, 30)
const midnight = Date.UTC(2026, 5, 10)
const fjord = { locationId: 'fjord', latitude: 59.9, longitude: 10.7 }
const hills = { locationId: 'hills', latitude: 60, longitude: 10.6 }

/** Answers as the services do: the temperature of an hour says by its thousandths how many hours it is from today; that of a run, when it was made. */
const services = () => {
  const asked: URL[] = []
  const answerTo = ({ hostname, searchParams }: URL): object => {
    const past = Number(searchParams.get('past_days') ?? Number.NaN)
    const start = Number.isNaN(past)
      ? Date.parse(searchParams.get('start_date') ?? '')
      : midnight - past * DAY_MS
    const end = Number.isNaN(past)
      ? Date.parse(searchParams.get('end_date') ?? '') + DAY_MS
      : midnight + Number(searchParams.get('forecast_days')) * DAY_MS
    const hours = Array.from({ length: (end - start) / HOUR_MS }, (_, hour) => start + hour * HOUR_MS)
    const names = (searchParams.get('hourly') ?? '').split(',')
    const daysBefore = (name: string) => Number(/_previous_day(\d)$/.exec(name)?.[1] ?? 0)
    const valuesOf = (name: string) =>
      name.startsWith('temperature_2m')
        ? hours.map((at) => (at - daysBefore(name) * DAY_MS - midnight) / HOUR_MS / 1000)
        : hours.map(() => 1)
    return {
      hostname,
      utc_offset_seconds: 0,
      hourly_units: Object.fromEntries(
        names.map((name) => [name, name.startsWith('temperature') ? '°C' : unitOf(name)]),
      ),
      hourly: {
        time: hours.map((at) => at / 1000),
        ...Object.fromEntries(names.map((name) => [name, valuesOf(name)])),
      },
    }
  }
  const request: RequestJson = async (address) => {
    const url = new URL(address)
    asked.push(url)
    const places = url.searchParams.get('latitude')!.split(',')
    const document = places.length === 1 ? answerTo(url) : places.map(() => answerTo(url))
    return { kind: 'document', document, etag: null, latencyMs: 1 }
  }
  return { asked, request }
}
const unitOf = (name: string) => (name.startsWith('wind') ? 'm/s' : name.startsWith('prec') ? 'mm' : '%')

const backfill = async (from: number, to: number, request: RequestJson, places = [fjord]) => {
  const records: TopicRecord[] = []
  const result = await publishPastWeather(
    {
      system: { systemId: 'oslo', weatherLocations: places },
      from,
      to,
      request,
      clock: { now: () => now },
    },
    async (more) => {
      records.push(...more)
    },
  )
  const valuesOf = <T>(topic: string) =>
    records.filter((record) => record.topic.name === topic).map(({ value }) => value as T)
  return {
    result,
    observations: valuesOf<WeatherObservation>('weather-observations'),
    forecasts: valuesOf<WeatherForecast>('weather-forecasts'),
  }
}

test('every hour of the window has its weather, known from that hour, and nothing of it twice', async () => {
  const { request, asked } = services()
  const from = midnight - 30 * DAY_MS
  const { result, observations } = await backfill(from, now, request)
  assert.deepEqual(
    observations.map(({ observedAt }) => observedAt),
    Array.from({ length: 30 * 24 + 10 }, (_, hour) => from + hour * HOUR_MS),
  )
  assert.ok(observations.every(({ observedAt, polledAt }) => observedAt === polledAt))
  assert.equal(result.observations, observations.length)
  assert.ok(asked.every(({ hostname }) => !hostname.startsWith('archive')))
})

test('no forecast knows of anything that came after its hour', async () => {
  const { request } = services()
  const { forecasts } = await backfill(midnight - 2 * DAY_MS, midnight, request)
  assert.equal(forecasts.length, 49)
  for (const { issuedAt, polledAt, validAt, temperatureC, provider } of forecasts) {
    assert.equal(provider, 'open-meteo-previous-runs')
    assert.equal(polledAt, issuedAt)
    assert.deepEqual(
      validAt,
      Array.from({ length: 168 }, (_, hour) => issuedAt + (hour + 1) * HOUR_MS),
    )
    for (const celsius of temperatureC) {
      const madeAt = midnight + Math.round(celsius * 1000) * HOUR_MS
      assert.ok(madeAt <= issuedAt && madeAt > issuedAt - DAY_MS)
    }
  }
})

test('what is older than a season comes from the archive, without forecasts; several places are one request', async () => {
  const { request, asked } = services()
  const from = Date.UTC(2024, 0, 1)
  const { observations, forecasts } = await backfill(from, from + 20 * DAY_MS - 1, request, [fjord, hills])
  assert.deepEqual(
    asked.map(({ hostname, pathname, searchParams }) =>
      [hostname, pathname, searchParams.get('start_date'), searchParams.get('end_date')].join(' '),
    ),
    [
      'archive-api.open-meteo.com /v1/archive 2024-01-01 2024-01-14',
      'archive-api.open-meteo.com /v1/archive 2024-01-15 2024-01-20',
    ],
  )
  assert.equal(forecasts.length, 0)
  assert.equal(observations.length, 2 * 20 * 24)
  assert.equal(new Set(observations.map((each) => `${each.locationId} ${each.observedAt}`)).size, 960)
})

test('a service that does not answer ends it, to be run again', async () => {
  const away: RequestJson = async () => {
    throw new FeedError('unreachable', 'no answer')
  }
  await assert.rejects(backfill(midnight - DAY_MS, now, away), UnavailableError)
})

const sample = fileURLToPath(
  new URL('../../../shared/data/weather/api-samples/openmeteo_history_nyc_2025-02-18.json', import.meta.url),
)
const skip = existsSync(sample) ? false : `there is no recorded answer at ${sample}`

test('a recorded answer about the past is read, in °F, miles and local times', { skip }, async () => {
  const document: unknown = JSON.parse(readFileSync(sample, 'utf8'))
  const request: RequestJson = async () => ({ kind: 'document', document, etag: null, latencyMs: 1 })
  const window = { from: 0, to: Date.UTC(2025, 1, 20), now: Date.UTC(2025, 1, 20), note: () => {} }
  const [reading] = await openMeteoObserved().read(request, [fjord], window)
  assert.ok(reading?.kind === 'read' && reading.reading.length >= 24)
  for (const { observedAt, temperatureC, humidityPercent, windSpeedMps } of reading.reading) {
    assert.equal(observedAt % HOUR_MS, 0)
    assert.ok(temperatureC > -20 && temperatureC < 15 && humidityPercent > 10 && windSpeedMps < 30)
  }
})
