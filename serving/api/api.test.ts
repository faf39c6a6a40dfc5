import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { openBundle } from '@velocast/inference'
import type { MadeBundle } from '@velocast/inference/testing'
import { buildServer } from './build-server.ts'
import { createKnowledge } from './knowledge.ts'
import type { ServingModel } from './load-model.ts'
import { createModelHolder } from './model-holder.ts'
import { createPredictor } from './predictor.ts'
import {
  fillKnowledge,
  hourMs,
  promotionOf,
  silentLog,
  testClock,
  testNow,
  testStation,
  testSystem,
  testTelemetry,
  testVector,
  versionedBundle,
} from './testing/test-city.ts'
import type { TypedApp } from './typed-app.ts'

const knowledge = createKnowledge(testSystem)
const holder = createModelHolder<ServingModel>((model) => model.bundle.release())
const predictor = createPredictor(new Map([[testSystem.systemId, { knowledge, holder }]]), testClock, hourMs)
let app: TypedApp

const serve = async (made: MadeBundle, version: number): Promise<void> => {
  const opened = await openBundle({ read: made.read, manifestSha256: made.manifestSha256 })
  assert.ok(opened.ok, JSON.stringify(opened))
  await holder.swap({ bundle: opened.bundle, promotion: promotionOf(made, version), loadedAt: testNow })
}

before(async () => {
  app = await buildServer({ predictor, ...testTelemetry(), log: silentLog, version: '0.0.1' })
})
after(async () => {
  await app.close()
  await holder.close()
})

const get = async (url: string) => {
  const response = await app.inject({ url })
  return { status: response.statusCode, type: response.headers['content-type'], body: response.json() }
}
const post = async (url: string, payload?: object) => {
  const response = await app.inject({ method: 'POST', url, ...(payload && { payload }) })
  return { status: response.statusCode, body: response.json() }
}
const forecastUrl = '/v1/systems/test-city/stations/a/forecast'

test('without a model and features it is alive and not ready, and says what is missing', async () => {
  assert.deepEqual((await get('/health/live')).body, { status: 'alive' })
  assert.equal((await get('/health')).body.model_status, 'not_loaded')
  const ready = await get('/health/ready')
  assert.equal(ready.status, 503)
  assert.match(ready.body.detail, /test-city: no model, no features/)
})

test('a listed station without a report, and any station without a model, is 503 with what to wait for', async () => {
  knowledge.takeStation(testStation('silent'))
  const silent = await get('/v1/systems/test-city/stations/silent/forecast')
  assert.equal(silent.status, 503)
  assert.match(silent.body.detail, /has not reported yet/)
  fillKnowledge(knowledge, ['a', 'b'])
  const without = await get(forecastUrl)
  assert.equal(without.status, 503)
  assert.match(without.body.detail, /No model has been promoted/)
  assert.equal((await get('/v1/model')).status, 503)
})

test('a forecast has an entry for each hour, with intervals, probabilities, departures and where it is from', async () => {
  await serve(versionedBundle(7, { leafSpread: 0.3 }), 7)
  assert.equal((await get('/health/ready')).status, 200)
  const { status, body } = await get(forecastUrl)
  assert.equal(status, 200)
  assert.deepEqual(
    { ...body, forecasts: body.forecasts.length },
    {
      system_id: 'test-city',
      station_id: 'a',
      name: 'Station a',
      capacity: 20,
      as_of: '2026-05-04T08:00:00.000Z',
      data_age_seconds: 60,
      model: { name: 'velocast', version: '7' },
      degraded: false,
      reasons: [],
      forecasts: 24,
    },
  )
  const [first, second] = body.forecasts
  assert.equal(first.target_at, '2026-05-04T09:00:00.000Z')
  assert.equal(second.horizon_hours, 2)
  for (const point of body.forecasts) {
    const { mean, q05, q50, q95 } = point.bikes
    assert.ok(0 <= q05 && q05 <= q50 && q50 <= q95 && q95 <= 20 && mean >= 0 && mean <= 20)
    for (const probability of [point.bike_probability, point.dock_probability])
      assert.ok(probability >= 0 && probability <= 1)
    assert.ok(point.departures >= 0)
  }
})

test('hours may be 1 to 168', async () => {
  for (const hours of [1, 168])
    assert.equal((await get(`${forecastUrl}?hours=${hours}`)).body.forecasts.length, hours)
  for (const hours of ['0', '169', '-1', '1.5', 'many', ''])
    assert.equal((await get(`${forecastUrl}?hours=${hours}`)).status, 422, hours)
})

test('what is unknown is 404, as a problem with what to do', async () => {
  const station = await get('/v1/systems/test-city/stations/nowhere/forecast')
  assert.equal(station.status, 404)
  assert.match(String(station.type), /application\/problem\+json/)
  assert.match(station.body.detail, /no station "nowhere"/)
  assert.equal((await get('/v1/systems/atlantis/stations/a/forecast')).status, 404)
  assert.equal((await get('/v1/systems/atlantis/stations')).status, 404)
  assert.equal((await get('/v2')).status, 404)
  assert.equal((await get(`/v1/systems/test-city/stations/${'x'.repeat(300)}/forecast`)).status, 422)
  assert.equal((await get('/v1/systems/test-city/stations/%ff/forecast')).status, 400)
})

test('old knowledge and missing weather make an answer degraded, and targets stay in the future', async () => {
  knowledge.takeVector(testVector('old', { asOf: testNow - 5.5 * hourMs }))
  const { body } = await get('/v1/systems/test-city/stations/old/forecast?hours=168')
  assert.equal(body.degraded, true)
  assert.deepEqual(body.reasons, [
    'features_stale',
    'weather_forecast_missing',
    'short_history',
    'horizon_beyond_training',
  ])
  assert.equal(body.data_age_seconds, 5.5 * 3600)
  assert.ok(Date.parse(body.forecasts[0].target_at) > testNow)
})

test('the systems, stations and model are listed', async () => {
  const systems = (await get('/v1/systems')).body.systems
  assert.equal(systems[0].stations, 3)
  assert.deepEqual(systems[0].model, { name: 'velocast', version: '7' })
  const stations = (await get('/v1/systems/test-city/stations')).body.stations
  assert.equal(stations.find((each: { station_id: string }) => each.station_id === 'a').bikes, 10)
  assert.equal(stations.find((each: { station_id: string }) => each.station_id === 'silent').bikes, null)
  const model = (await get('/v1/model')).body
  assert.equal(model.version, '7')
  assert.deepEqual(model.metrics, { rmse: 1 })
})

test('the old forecast route answers as it did, by GET and by POST', async () => {
  const { status, body } = await get('/predict/station/a/forecast?hours_ahead=3')
  assert.equal(status, 200)
  assert.equal(body.forecast_hours, 3)
  assert.equal(body.target, 'bikes_available')
  assert.deepEqual(
    body.forecasts.map((each: { hour_ahead: number }) => each.hour_ahead),
    [1, 2, 3],
  )
  assert.equal(body.forecasts[0].confidence_interval.confidence_level, 0.9)
  assert.equal(body.model_info.stage, 'Production')
  assert.equal((await post('/predict/station/a/forecast')).body.forecasts.length, 24)
  assert.equal((await post('/predict/station/a/forecast?hours_ahead=2')).body.forecasts.length, 2)
  const later = await post('/predict/station/a/forecast', {
    hours_ahead: 2,
    start_time: '2026-05-04T12:00:00',
  })
  assert.equal(later.body.forecast_start, '2026-05-04T12:00:00.000Z')
  assert.equal(later.body.forecasts[1].timestamp, '2026-05-04T14:00:00.000Z')
  for (const start_time of ['2020-01-01T00:00:00', '2030-01-01T00:00:00', 'soon'])
    assert.equal((await post('/predict/station/a/forecast', { start_time })).status, 422, start_time)
  assert.equal((await get('/predict/station/nowhere/forecast')).status, 404)
  assert.equal((await get('/predict/station/a/forecast?hours_ahead=0')).status, 422)
})

test('the old prediction answers for one moment, an hour from now by default', async () => {
  const { status, body } = await post('/predict', { station_id: 'a' })
  assert.equal(status, 200)
  assert.equal(body.timestamp, '2026-05-04T09:01:00.000Z')
  assert.equal(typeof body.predicted_demand, 'number')
  const weather_data = { temperature: -20, precipitation: 10, weather_condition: 'snow', pressure: 1000 }
  assert.equal((await post('/predict', { station_id: 'a', weather_data })).status, 200)
  assert.equal((await post('/predict', { station_id: 'a', weather_data: { humidity: 101 } })).status, 422)
  assert.equal((await post('/predict', { station_id: 'nowhere' })).status, 404)
  assert.equal((await post('/predict', {})).status, 422)
  assert.equal((await post('/predict', { station_id: 'a', timestamp: 'x' })).status, 422)
})

test('a batch counts what could not be answered, and says why', async () => {
  const predictions = [{ station_id: 'a' }, { station_id: 'nowhere' }, { station_id: 'b' }]
  const { body } = await post('/predict/batch', { predictions })
  assert.deepEqual([body.total_predictions, body.successful, body.failed], [3, 2, 1])
  assert.equal(body.errors[0].index, 1)
  assert.equal((await post('/predict/batch', { predictions: [] })).status, 422)
})

test('bad bodies are refused without a word of our own code', async () => {
  const response = await app.inject({
    method: 'POST',
    url: '/predict',
    headers: { 'content-type': 'application/json' },
    payload: '{"station_id": ',
  })
  assert.equal(response.statusCode, 400)
  assert.equal(response.body.includes('at '), false)
  assert.ok(response.json().detail)
})

test('documents and metrics are there', async () => {
  const document = (await get('/openapi.json')).body
  assert.ok(document.paths['/v1/systems/{system}/stations/{station}/forecast'].get.responses['200'])
  assert.equal((await app.inject({ url: '/docs/' })).statusCode, 200)
  const metrics = await app.inject({ url: '/metrics' })
  assert.match(
    metrics.body,
    /velocast_api_request_seconds_count\{method="GET",route="\/v1\/systems\/:system\/stations\/:station\/forecast",status="200"\}/,
  )
})

test('in 20 promotions under load no request fails and no answer mixes models', async () => {
  let isSwapping = true
  const seen = new Set<string>()
  let answers = 0
  const ask = async (hours: number): Promise<void> => {
    while (isSwapping) {
      const { status, body } = await get(`${forecastUrl}?hours=${hours}`)
      assert.equal(status, 200)
      const version = Number(body.model.version)
      for (const point of body.forecasts) assert.equal(point.departures, version)
      seen.add(body.model.version)
      answers++
      // A kept answer is given at once: the loading of the next model needs a turn too.
      await setImmediate()
    }
  }
  await serve(versionedBundle(100), 100)
  const asking = [24, 24, 24, 168, 1, 168].map(ask)
  for (let version = 101; version <= 120; version++) await serve(versionedBundle(version), version)
  isSwapping = false
  await Promise.all(asking)
  assert.ok(seen.size > 10, `${answers} answers saw ${seen.size} models`)
})
