import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateWeather } from '@velocast/testkit'
import { perfectForecasts } from './perfect-forecasts.ts'

const HOUR_MS = 3_600_000

test('each hour of a forecast says what was observed then, and nothing where nothing was', () => {
  const generated = [...generateWeather({ seed: 1, systemId: 'city', polls: 96 })]
  const [{ observation, forecast }] = generated as [(typeof generated)[number]]
  const startedAt = Math.ceil(observation.observedAt / HOUR_MS) * HOUR_MS
  const observed = (hour: number, temperatureC: number) => ({
    ...observation,
    observedAt: startedAt + hour * HOUR_MS,
    temperatureC,
    precipitationMm: hour,
  })
  const issued = {
    ...forecast,
    validAt: [1, 2, 3].map((hour) => startedAt + hour * HOUR_MS),
    temperatureC: [-50, -50, -50],
    humidityPercent: [0, 0, 0],
    windSpeedMps: [0, 0, 0],
    precipitationMm: [90, 90, 90],
  }
  const [perfect] = perfectForecasts([observed(1, 11), observed(2, 12)], [issued])
  assert.deepEqual(perfect, {
    ...issued,
    temperatureC: [11, 12, Number.NaN],
    humidityPercent: [observation.humidityPercent, observation.humidityPercent, Number.NaN],
    windSpeedMps: [observation.windSpeedMps, observation.windSpeedMps, Number.NaN],
    precipitationMm: [1, 2, Number.NaN],
  })
})
