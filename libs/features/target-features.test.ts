import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WeatherForecast } from '@velocast/schemas'
import fc from 'fast-check'
import {
  createCalendar,
  forecastAsOf,
  noPast,
  targetFeatureNames,
  vectorFeatureNames,
  writeTargetFeatures,
} from './index.ts'

const hourMs = 3_600_000
const asOf = Date.UTC(2024, 6, 3, 12)
const calendar = createCalendar({ timeZone: 'America/New_York', country: 'US' })

const forecast: WeatherForecast = {
  systemId: 'demo-city',
  locationId: 'centre',
  provider: 'test',
  issuedAt: asOf - hourMs,
  polledAt: asOf - 10 * 60_000,
  validAt: [0, 1, 2, 5, 9].map((hours) => asOf + hours * hourMs),
  temperatureC: [20, 24, Number.NaN, 30, 40],
  humidityPercent: [50, 60, 70, 80, 90],
  windSpeedMps: [1, 3, 5, 8, 9],
  precipitationMm: [0, 1.5, 2, 4, 8],
}

const at = (hours: number, as: WeatherForecast | null = forecast): Record<string, number> => {
  const vector = new Float32Array(vectorFeatureNames.length)
  vector[vectorFeatureNames.indexOf('temperature_c')] = 18
  const row = new Float32Array(targetFeatureNames.length + 2).fill(-1)
  writeTargetFeatures(
    { calendar, vector, asOf, targetAt: asOf + hours * hourMs, forecast: as, past: noPast },
    row,
    1,
  )
  assert.deepEqual([row[0], row.at(-1)], [-1, -1], 'writes its own places only')
  return Object.fromEntries(targetFeatureNames.map((name, index) => [name, row[index + 1]!]))
}

test('the target has its own distance and local calendar', () => {
  const fourthOfJuly = at(24)
  assert.equal(fourthOfJuly.horizon_hours, 24)
  assert.equal(fourthOfJuly.target_is_holiday, 1)
  assert.equal(fourthOfJuly.target_is_school_free, 1)
  assert.equal(fourthOfJuly.target_is_weekend, 0)
  assert.equal(at(10).target_is_holiday, 0)
  assert.equal(at(15.75).target_is_holiday, 0)
  assert.equal(at(16).target_is_holiday, 1)
  assert.equal(at(72).target_is_weekend, 1)
  // 08:00 in New York is a third of the circle.
  assert.equal(fourthOfJuly.target_hour_cos, Math.fround(Math.cos((2 * Math.PI) / 3)))
  assert.equal(fourthOfJuly.target_hour_sin, Math.fround(Math.sin((2 * Math.PI) / 3)))
})

test('the weather is interpolated, but precipitation is that of the hour that holds the target', () => {
  assert.equal(at(1).target_temperature_c, 24)
  assert.equal(at(0.5).target_temperature_c, 22)
  assert.equal(at(0.5).target_temperature_change_c, 4)
  assert.equal(at(3).target_humidity_percent, Math.fround(70 + 10 / 3))
  assert.equal(at(3).target_wind_mps, 6)
  assert.equal(at(0.5).target_precipitation_mm, 1.5)
  assert.equal(at(1).target_precipitation_mm, 1.5)
  assert.equal(at(1.25).target_precipitation_mm, 2)
})

test('the lead counts from the issue of the forecast, not from asOf', () => {
  assert.equal(at(3).forecast_lead_hours, 4)
})

test('what the forecast leaves out is missing, and nothing is invented behind its end or over a gap', () => {
  assert.equal(at(1.5).target_temperature_c, Number.NaN)
  assert.equal(at(1.5).target_humidity_percent, 65)
  assert.equal(at(7).target_humidity_percent, Number.NaN, 'between two moments 4 h apart')
  assert.equal(at(9).target_humidity_percent, 90)
  assert.equal(at(9.25).target_humidity_percent, Number.NaN)
  assert.equal(at(24).forecast_lead_hours, 25)
  assert.equal(at(1, null).target_temperature_c, Number.NaN)
  assert.equal(at(1, null).forecast_lead_hours, Number.NaN)
  assert.equal(at(1, { ...forecast, validAt: [] }).target_temperature_c, Number.NaN)
})

test('of forecasts, the newest that was known long enough before asOf is taken, in whatever order they are', () => {
  const guardMs = 120_000
  const read = fc.record({ polledAgo: fc.integer({ min: -600_000, max: 600_000 }), issuedAgo: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(read, { maxLength: 12 }), (reads) => {
      const forecasts = reads.map(({ polledAgo, issuedAgo }) => ({
        ...forecast,
        polledAt: asOf - polledAgo,
        issuedAt: asOf - polledAgo - issuedAgo,
      }))
      const best = forecastAsOf(forecasts, asOf, guardMs)
      const known = forecasts.filter(({ polledAt }) => polledAt <= asOf - guardMs)
      assert.equal(
        best?.polledAt,
        known.length ? Math.max(...known.map(({ polledAt }) => polledAt)) : undefined,
      )
      const other = forecastAsOf(forecasts.toReversed(), asOf, guardMs)
      assert.deepEqual(other, best)
    }),
  )
})
