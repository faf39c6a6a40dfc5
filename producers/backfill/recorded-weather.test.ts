import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { recordedWeather } from './recorded-weather.ts'

const folder = mkdtempSync(join(tmpdir(), 'velocast-weather-'))
after(() => rmSync(folder, { recursive: true }))

const HOUR_MS = 3_600_000
const at = Date.UTC(2026, 0, 1)
const isoHour = (hour: number): string => new Date(at + hour * HOUR_MS).toISOString()

/** 30 hours at 10 °C with a dew point of 2 °C, which is 57.6 % humidity. */
const observed = (temperature: number, dewPoint: number, wind: number): string =>
  [
    'time_utc,temperature_2m,relativehumidity_2m,dewpoint_2m,rain,showers,windspeed_10m,cloudcover',
    ...Array.from(
      { length: 30 },
      (_, hour) => `${isoHour(hour)},${temperature},57.6,${dewPoint},0.5,0.25,${wind},`,
    ),
  ].join('\n')

const write = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

test('the units are those in which temperature, dew point and humidity go together', async () => {
  const metric = await recordedWeather([write('metric.csv', observed(10, 2, 36))], { systemId: 'x' })
  const us = await recordedWeather([write('us.csv', observed(50, 35.6, 22.369))], { systemId: 'x' })
  assert.deepEqual([metric.units, us.units], ['metric', 'us'])
  for (const { observations } of [metric, us]) {
    const [first] = observations
    assert.equal(observations.length, 30)
    assert.deepEqual([first?.polledAt, first?.observedAt], [at, at])
    assert.ok(Math.abs(first!.temperatureC - 10) < 1e-9)
    assert.ok(Math.abs(first!.windSpeedMps - 10) < 1e-3)
    assert.equal(first!.cloudCoverPercent, Number.NaN)
  }
  assert.equal(metric.observations[0]!.precipitationMm, 0.75)
  assert.ok(Math.abs(us.observations[0]!.precipitationMm - 0.75 * 25.4) < 1e-9)
})

test('a forecast is known when it was issued, with the moments that it is for in order', async () => {
  const content = [
    'issued_utc,valid_utc,lead_h,temperature_2m,precipitation',
    `${isoHour(1)},${isoHour(3)},2,12,1`,
    `${isoHour(1)},${isoHour(2)},1,11,`,
    `${isoHour(0)},${isoHour(1)},1,-400,0`,
  ].join('\r\n')
  const { forecasts } = await recordedWeather([write('issued.csv', content)], {
    systemId: 'x',
    units: 'metric',
  })
  assert.deepEqual(
    forecasts.map(({ polledAt, issuedAt, validAt, temperatureC, precipitationMm }) => ({
      hours: [polledAt, issuedAt, ...validAt].map((moment) => (moment - at) / HOUR_MS),
      temperatureC,
      precipitationMm,
    })),
    [
      { hours: [0, 0, 1], temperatureC: [Number.NaN], precipitationMm: [0] },
      { hours: [1, 1, 2, 3], temperatureC: [11, 12], precipitationMm: [Number.NaN, 1] },
    ],
  )
})

test('without anything that tells the units, or without weather, it is said what is missing', async () => {
  const bare = write('bare.csv', `time_utc,temperature_2m\n${isoHour(0)},10\n`)
  await assert.rejects(recordedWeather([bare], { systemId: 'x' }), /no dewpoint_2m to tell their units/)
  await assert.rejects(
    recordedWeather([write('other.csv', 'a,b\n1,2\n')], { systemId: 'x' }),
    /no file of weather/,
  )
})

const recorded = resolve(import.meta.dirname, '../../../shared/data/weather')
test('New York: hours observed, and forecasts as issued', {
  skip: existsSync(recorded) ? false : `${recorded} is not there: recordings are not part of the project`,
}, async () => {
  const paths = ['nyc_hourly_2023-12-15_2024-05-31.csv', 'forecast_2024-01.csv.gz'].map((name) =>
    join(recorded, name),
  )
  const { observations, forecasts, units } = await recordedWeather(paths, { systemId: 'x' })
  assert.equal(units, 'us')
  assert.ok(observations.length > 4_000 && forecasts.length > 700)
  assert.ok(
    observations.every(
      ({ temperatureC }) => Number.isNaN(temperatureC) || (temperatureC > -25 && temperatureC < 40),
    ),
  )
  assert.ok(forecasts.every(({ validAt }) => validAt.length > 60))
})
