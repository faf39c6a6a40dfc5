import assert from 'node:assert/strict'
import test from 'node:test'
import { createLocalTime } from '../local-time.ts'
import { createWeatherModel } from './weather-model.ts'

const HOUR_MS = 3_600_000
const YEAR_START = Date.UTC(2026, 0, 1)
const localTime = createLocalTime('Europe/Berlin')
const berlin = (seed = 1) => createWeatherModel({ seed, latitude: 52.5, localTime })
const hours = (count: number, step = 1): number[] =>
  Array.from({ length: count }, (_, hour) => YEAR_START + hour * step * HOUR_MS)
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

test('a moment has the same weather whatever was asked before', () => {
  const asked = hours(60, 7)
  const forwards = asked.map(berlin().observedAt)
  const model = berlin()
  const backwards = asked.toReversed().map(model.observedAt).toReversed()
  assert.deepEqual(backwards, forwards)
  assert.notDeepEqual(asked.map(berlin(2).observedAt), forwards)
})

test('a year is a year: cold in January, warm in July, warmest after noon, dry most of the time', () => {
  const model = berlin()
  const temperatureIn = (month: number, hour: number): number =>
    mean(
      Array.from(
        { length: 28 },
        (_, day) => model.observedAt(Date.UTC(2026, month, day + 1, hour)).temperatureC,
      ),
    )
  assert.ok(temperatureIn(6, 13) - temperatureIn(0, 13) > 12)
  assert.ok(temperatureIn(6, 13) - temperatureIn(6, 3) > 2)
  const year = hours(8760).map(model.observedAt)
  const rainy = mean(year.map((moment) => Number(moment.precipitationMmPerHour > 0.1)))
  assert.ok(rainy > 0.03 && rainy < 0.2, `it rains in ${rainy} of all hours`)
  for (const moment of year) {
    assert.ok(moment.humidityPercent >= 0 && moment.humidityPercent <= 100)
    assert.ok(moment.windMetresPerSecond > 0 && moment.windMetresPerSecond < 35)
    assert.ok(moment.temperatureC > -25 && moment.temperatureC < 42)
    assert.ok(moment.pressureHpa > 960 && moment.pressureHpa < 1060)
  }
})

test('the southern summer is in January', () => {
  const sydney = createWeatherModel({
    seed: 1,
    latitude: -33.9,
    localTime: createLocalTime('Australia/Sydney'),
  })
  const meanOf = (month: number): number =>
    mean(
      Array.from(
        { length: 28 * 24 },
        (_, hour) => sydney.observedAt(Date.UTC(2026, month, 1, hour)).temperatureC,
      ),
    )
  assert.ok(meanOf(0) - meanOf(6) > 6)
})

test('rain comes in spells', () => {
  const rains = hours(8760).map((at) => berlin().observedAt(at).precipitationMmPerHour > 0.1)
  const goesOn = rains.filter((isRaining, hour) => isRaining && rains[hour + 1]).length
  assert.ok(goesOn / rains.filter(Boolean).length > 0.6)
})

test('the error of a forecast grows with its lead', () => {
  const model = berlin()
  const errorAt = (leadHours: number): number =>
    mean(
      hours(600, 5).map((at) =>
        Math.abs(
          model.observedAt(at).temperatureC - model.forecastFor(at, at - leadHours * HOUR_MS).temperatureC,
        ),
      ),
    )
  const errors = [1, 6, 24, 72].map(errorAt)
  for (let index = 1; index < errors.length; index++)
    assert.ok(errors[index]! > errors[index - 1]! * 1.2, String(errors))
  assert.ok(errors[0]! < 0.8)
})

test('a forecast is as lively as the weather, however far ahead, and runs change little by little', () => {
  const model = berlin()
  const spread = (values: number[]): number =>
    Math.sqrt(mean(values.map((value) => value ** 2)) - mean(values) ** 2)
  const afternoons = Array.from({ length: 60 }, (_, day) => Date.UTC(2026, 5, 1 + day, 13))
  const truth = spread(afternoons.map((at) => model.observedAt(at).temperatureC))
  const ahead = afternoons.map((at) => model.forecastFor(at, at - 150 * HOUR_MS).temperatureC)
  assert.ok(spread(ahead) > 0.7 * truth, `${spread(ahead)} of ${truth}`)
  const nextRun = afternoons.map((at) => model.forecastFor(at, at - 149 * HOUR_MS).temperatureC)
  const change = mean(ahead.map((temperature, day) => Math.abs(temperature - nextRun[day]!)))
  assert.ok(change < 0.2 * truth, `from run to run by ${change}`)
})

test('for what has been, a forecast says what was observed', () => {
  const model = berlin()
  const at = YEAR_START + 1000 * HOUR_MS
  assert.deepEqual(model.forecastFor(at, at + 5 * HOUR_MS), model.observedAt(at))
})

test('it rains more often where rain was forecast as likely', () => {
  const model = berlin()
  const asked = hours(3000, 2).map((at) => ({
    chance: model.forecastFor(at, at - 12 * HOUR_MS).precipitationProbability,
    isRaining: Number(model.observedAt(at).precipitationMmPerHour > 0),
  }))
  const shareWhere = (isAsked: (chance: number) => boolean): number =>
    mean(asked.filter(({ chance }) => isAsked(chance)).map(({ isRaining }) => isRaining))
  assert.ok(shareWhere((chance) => chance > 0.6) > 0.5)
  assert.ok(shareWhere((chance) => chance < 0.1) < 0.08)
})
