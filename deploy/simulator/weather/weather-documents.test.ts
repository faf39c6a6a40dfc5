import assert from 'node:assert/strict'
import test from 'node:test'
import { createLocalTime } from '../local-time.ts'
import { OpenMeteoRequestError, openMeteoDocument } from './open-meteo-document.ts'
import { currentWeatherDocument, forecastDocument } from './open-weather-map-documents.ts'
import { createWeatherModel } from './weather-model.ts'
import { precipitationBefore, sunOf } from './weather-quantities.ts'

const HOUR_MS = 3_600_000
const NOON = Date.UTC(2026, 6, 1, 12, 20)
const model = createWeatherModel({ seed: 1, latitude: 52.5, localTime: createLocalTime('Europe/Berlin') })
const place = {
  system: { systemId: 'demo', name: 'Demo', timeZone: 'Europe/Berlin', latitude: 52.52, longitude: 13.405 },
  localTime: createLocalTime('Europe/Berlin'),
}

interface OpenMeteo {
  utc_offset_seconds: number
  timezone: string
  current: Record<string, number>
  current_units: Record<string, string>
  hourly: Record<string, (number | string)[]>
  hourly_units: Record<string, string>
}

const ask = (query: string, at = NOON): OpenMeteo =>
  openMeteoDocument(model, new URLSearchParams(`latitude=52.52&longitude=13.4&${query}`), at) as OpenMeteo

test('Open-Meteo: every variable has a value an hour, from midnight of the zone on', () => {
  const names = 'temperature_2m,relative_humidity_2m,precipitation,rain,snowfall,cloud_cover,wind_speed_10m'
  const answer = ask(`hourly=${names}&forecast_days=3&timeformat=unixtime&timezone=UTC`)
  assert.equal(answer.hourly.time?.length, 72)
  assert.equal(answer.hourly.time?.[0], Date.UTC(2026, 6, 1) / 1000)
  assert.equal(answer.hourly.time?.[1], Date.UTC(2026, 6, 1, 1) / 1000)
  for (const name of names.split(',')) {
    assert.equal(answer.hourly[name]?.length, 72, name)
    assert.ok(
      answer.hourly[name]?.every((value) => Number.isFinite(value)),
      name,
    )
  }
  assert.deepEqual(answer.hourly_units, {
    time: 'unixtime',
    temperature_2m: '°C',
    relative_humidity_2m: '%',
    precipitation: 'mm',
    rain: 'mm',
    snowfall: 'cm',
    cloud_cover: '%',
    wind_speed_10m: 'km/h',
  })
})

test('Open-Meteo: local times have no offset, and midnight is that of the zone', () => {
  const answer = ask('hourly=temperature_2m&forecast_days=1&timezone=America/New_York')
  assert.equal(answer.utc_offset_seconds, -14_400)
  assert.equal(answer.hourly.time?.[0], '2026-07-01T00:00')
})

test('Open-Meteo: current conditions are those of the last quarter of an hour', () => {
  const answer = ask('current=temperature_2m,precipitation&timeformat=unixtime')
  assert.equal(answer.current.time, Date.UTC(2026, 6, 1, 12, 15) / 1000)
  assert.equal(answer.current.interval, 900)
  assert.equal(answer.current_units.temperature_2m, '°C')
  const observed = model.observedAt(Date.UTC(2026, 6, 1, 12, 15)).temperatureC
  assert.ok(Math.abs(answer.current.temperature_2m! - observed) <= 0.05)
})

test('Open-Meteo: units and the names of before are understood', () => {
  const metric = ask('hourly=temperature_2m,wind_speed_10m&forecast_days=1')
  const imperial = ask(
    'hourly=temperature_2m,windspeed_10m&forecast_days=1&temperature_unit=fahrenheit&windspeed_unit=mph',
  )
  assert.deepEqual(imperial.hourly_units, { time: 'iso8601', temperature_2m: '°F', windspeed_10m: 'mp/h' })
  const celsius = Number(metric.hourly.temperature_2m?.[5])
  assert.ok(Math.abs(Number(imperial.hourly.temperature_2m?.[5]) - (celsius * 1.8 + 32)) < 0.2)
  const kmh = Number(metric.hourly.wind_speed_10m?.[5])
  assert.ok(Math.abs(Number(imperial.hourly.windspeed_10m?.[5]) - kmh / 1.609) < 0.2)
})

test('Open-Meteo: a later run of the same hours says something else of the future, the same of the past', () => {
  const [early, late] = [NOON, NOON + 6 * HOUR_MS].map((at) =>
    ask('hourly=temperature_2m&forecast_days=2', at),
  )
  assert.deepEqual(late?.hourly.time, early?.hourly.time)
  assert.deepEqual(late?.hourly.temperature_2m?.slice(0, 13), early?.hourly.temperature_2m?.slice(0, 13))
  assert.notDeepEqual(late?.hourly.temperature_2m?.slice(20), early?.hourly.temperature_2m?.slice(20))
})

test('Open-Meteo: what cannot be answered is refused with the reason', () => {
  for (const query of [
    'hourly=happiness',
    'forecast_days=99&hourly=rain',
    'timezone=Mars/Base&hourly=rain',
    'temperature_unit=kelvin&hourly=rain',
  ])
    assert.throws(() => ask(query), OpenMeteoRequestError, query)
  assert.throws(
    () => openMeteoDocument(model, new URLSearchParams('latitude=91&longitude=0'), NOON),
    /-90 to 90/,
  )
  assert.throws(() => openMeteoDocument(model, new URLSearchParams('longitude=0'), NOON), /latitude/)
})

test('OpenWeatherMap: current weather in the units asked for, rain only when there is some', () => {
  const wet = Array.from({ length: 2000 }, (_, hour) => NOON + hour * HOUR_MS).find(
    (at) => precipitationBefore(model.observedAt, at - (at % 600_000), HOUR_MS).totalMm > 0.5,
  )!
  const answers = [wet, NOON].map(
    (at) => currentWeatherDocument(model, place, 'metric', at) as Record<string, unknown>,
  )
  const [rainy, dry] = answers as [{ rain: { '1h': number } }, Record<string, unknown>]
  assert.ok(rainy.rain['1h'] > 0.5)
  const isDry = precipitationBefore(model.observedAt, NOON, HOUR_MS).totalMm === 0
  assert.equal('rain' in dry, !isDry)
  const kelvin = currentWeatherDocument(model, place, 'standard', NOON) as { main: { temp: number } }
  const celsius = currentWeatherDocument(model, place, 'metric', NOON) as { main: { temp: number } }
  assert.ok(Math.abs(kelvin.main.temp - celsius.main.temp - 273.15) < 0.02)
  assert.equal(dry.dt, Date.UTC(2026, 6, 1, 12, 20) / 1000)
})

test('OpenWeatherMap: forty steps of three hours, from the next on', () => {
  const answer = forecastDocument(model, place, 'metric', NOON) as {
    cnt: number
    list: {
      dt: number
      dt_txt: string
      pop: number
      main: { temp: number; temp_kf: number }
      sys: { pod: string }
    }[]
    city: { coord: object; timezone: number }
  }
  assert.equal(answer.cnt, 40)
  assert.equal(answer.list[0]?.dt_txt, '2026-07-01 15:00:00')
  answer.list.forEach((step, index) => {
    assert.equal(step.dt, Date.UTC(2026, 6, 1, 15 + 3 * index) / 1000)
    assert.ok(step.pop >= 0 && step.pop <= 1)
  })
  assert.deepEqual(answer.city.coord, { lat: 52.52, lon: 13.405 })
  assert.equal(answer.city.timezone, 7200)
})

test('the sun rises and sets when it does', () => {
  const { riseAt, setAt } = sunOf(52.52, 13.405, Date.UTC(2026, 5, 21, 12))
  // 4:43 and 21:33 in Berlin, by the almanac.
  assert.ok(Math.abs(riseAt - Date.UTC(2026, 5, 21, 2, 43)) < 12 * 60_000, new Date(riseAt).toISOString())
  assert.ok(Math.abs(setAt - Date.UTC(2026, 5, 21, 19, 33)) < 12 * 60_000, new Date(setAt).toISOString())
  const winter = sunOf(69.65, 18.96, Date.UTC(2026, 11, 21, 12))
  assert.ok(winter.setAt > winter.riseAt)
})
