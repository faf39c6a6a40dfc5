import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StationStatus, WeatherForecast, WeatherObservation } from '@velocast/schemas'
import { quietStatus, streamStart } from './generated-streams.ts'
import { createSystemHistory, forecastAsOf, vectorFeatureNames, weatherLocationOf } from './index.ts'

const weatherLocations = [
  { locationId: 'harbour', latitude: 40.7, longitude: -74.02 },
  { locationId: 'hill', latitude: 40.8, longitude: -73.95 },
]
const read = (locationId: string, temperatureC: number): WeatherObservation => ({
  systemId: 'demo-city',
  locationId,
  provider: 'test',
  observedAt: streamStart,
  polledAt: streamStart,
  temperatureC,
  feelsLikeC: 0,
  humidityPercent: 0,
  windSpeedMps: 0,
  precipitationMm: 0,
  cloudCoverPercent: 0,
  pressureHpa: 0,
  visibilityM: 0,
  condition: 'clear',
})
const observedAt = streamStart + 600_000
const stationAt = (latitude: number | null, longitude: number | null): StationStatus => ({
  ...quietStatus,
  stationId: `at-${latitude}`,
  observedAt,
  polledAt: observedAt,
  latitude,
  longitude,
})

test('a station has the weather of the nearest point, and that of the first when its position is not known', () => {
  const system = { systemId: 'demo-city', timeZone: 'UTC', country: null, weatherLocations }
  const history = createSystemHistory(system)
  for (const observation of [read('harbour', 5), read('hill', 9), read('elsewhere', 30)])
    history.applyWeather(observation)
  const vector = new Float32Array(vectorFeatureNames.length)
  const seen = [stationAt(40.71, -74), stationAt(40.79, -73.96), stationAt(null, null)].map((status) => {
    history.observe(status, vector)
    const temperature = vector[vectorFeatureNames.indexOf('temperature_c')]
    return [temperature, weatherLocationOf(weatherLocations, vector)]
  })
  assert.deepEqual(seen, [
    [5, 'harbour'],
    [9, 'hill'],
    [5, 'harbour'],
  ])
})

test('with one point, whatever is read is for it', () => {
  const [harbour] = weatherLocations
  const system = { systemId: 'demo-city', timeZone: 'UTC', country: null, weatherLocations: [harbour!] }
  const history = createSystemHistory(system)
  history.applyWeather(read('elsewhere', 30))
  const vector = new Float32Array(vectorFeatureNames.length)
  history.observe(stationAt(40.71, -74), vector)
  assert.equal(vector[vectorFeatureNames.indexOf('temperature_c')], 30)
  assert.equal(weatherLocationOf([harbour!], vector), null)
})

test('a forecast is that of the point that was asked for', () => {
  const forecast = (locationId: string, polledAt: number): WeatherForecast => ({
    systemId: 'demo-city',
    locationId,
    provider: 'test',
    issuedAt: polledAt,
    polledAt,
    validAt: [],
    temperatureC: [],
    humidityPercent: [],
    windSpeedMps: [],
    precipitationMm: [],
  })
  const forecasts = [forecast('hill', 5), forecast('harbour', 7), forecast('hill', 6)]
  assert.equal(forecastAsOf(forecasts, 10, 0), forecasts[1])
  assert.equal(forecastAsOf(forecasts, 10, 0, 'hill'), forecasts[2])
  assert.equal(forecastAsOf(forecasts, 10, 0, 'elsewhere'), null)
})
