/**
 * The contract of the system before Velocast, row by row: what clients read is there, and of the type that they expect.
 * More may be there; nothing may go missing.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openBundle } from '@velocast/inference'
import type { ForecastQuestion } from './answer-forecast.ts'
import { buildServer } from './build-server.ts'
import { createKnowledge } from './knowledge.ts'
import type { ServingModel } from './load-model.ts'
import { createModelHolder } from './model-holder.ts'
import { createPredictor } from './predictor.ts'
import { findMismatches, nullable, type Shape } from './testing/find-mismatches.ts'
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
  testWeather,
  versionedBundle,
} from './testing/test-city.ts'
import type { TypedApp } from './typed-app.ts'
import { createBackendWatch } from './watch-backends.ts'

const interval = { lower: 'number', upper: 'number', confidence_level: 'number' } as const
const modelInfo = {
  name: 'string',
  version: 'string',
  stage: 'string',
  run_id: 'string',
  loaded_at: 'time',
} as const
const prediction = {
  station_id: 'string',
  timestamp: 'time',
  predicted_demand: 'number',
  target: 'string',
  confidence_interval: interval,
  model_info: modelInfo,
  prediction_made_at: 'time',
} as const
const forecast = {
  station_id: 'string',
  forecast_start: 'time',
  forecast_hours: 'number',
  target: 'string',
  forecasts: [
    { timestamp: 'time', hour_ahead: 'number', predicted_demand: 'number', confidence_interval: interval },
  ],
  model_info: modelInfo,
  forecast_made_at: 'time',
} as const
const backend = { status: 'string', connected: 'boolean' } as const
const detail = { detail: 'string' } as const
const weather = {
  temperature: -50,
  feels_like: -60,
  humidity: 100,
  wind_speed: 0,
  precipitation: 0,
  weather_condition: 'snow',
  visibility: 0,
  pressure: 800,
}
const unknownWeather = Object.fromEntries(Object.keys(weather).map((name) => [name, null]))

interface Row {
  ask: string
  body?: object
  status?: number
  answer: Shape
}

const rows: Row[] = [
  { ask: 'GET /', answer: { name: 'string', version: 'string', docs: 'string', health: 'string' } },
  {
    ask: 'GET /health',
    answer: {
      status: 'string',
      timestamp: 'time',
      version: 'string',
      model_status: 'string',
      database_status: 'string',
    },
  },
  {
    ask: 'GET /health/detailed',
    answer: {
      status: 'string',
      timestamp: 'time',
      version: 'string',
      components: {
        api: { status: 'string' },
        model: { status: 'string', loaded: 'boolean', info: modelInfo },
        database: backend,
        mlflow: backend,
        kafka: backend,
        schema_registry: backend,
        feature_freshness: { status: 'string' },
      },
    },
  },
  { ask: 'GET /health/ready', answer: { status: 'string' } },
  { ask: 'GET /health/live', answer: { status: 'string' } },
  { ask: 'POST /predict', body: { station_id: 'a' }, answer: prediction },
  {
    ask: 'POST /predict',
    body: { station_id: 'a', timestamp: '2026-05-04T12:00:00+02:00', weather_data: weather },
    answer: prediction,
  },
  {
    ask: 'POST /predict',
    body: { station_id: 'a', timestamp: null, weather_data: null },
    answer: prediction,
  },
  { ask: 'POST /predict', body: { station_id: 'a', weather_data: unknownWeather }, answer: prediction },
  ...[
    { temperature: -50.1 },
    { temperature: 60.1 },
    { humidity: -1 },
    { humidity: 101 },
    { wind_speed: -1 },
    { precipitation: -1 },
    { visibility: -1 },
    { pressure: 799 },
    { pressure: 1101 },
  ].map((weather_data) => ({
    ask: 'POST /predict',
    body: { station_id: 'a', weather_data },
    status: 422,
    answer: detail,
  })),
  { ask: 'POST /predict', body: {}, status: 422, answer: detail },
  { ask: 'POST /predict', body: { station_id: 'a', timestamp: 'soon' }, status: 422, answer: detail },
  { ask: 'POST /predict', body: { station_id: 'nowhere' }, status: 404, answer: detail },
  { ask: 'POST /predict', body: { station_id: 'silent' }, status: 503, answer: detail },
  {
    ask: 'POST /predict/batch',
    body: { predictions: Array.from({ length: 100 }, () => ({ station_id: 'a' })) },
    answer: {
      predictions: [prediction],
      total_predictions: 'number',
      successful: 'number',
      failed: 'number',
    },
  },
  { ask: 'POST /predict/batch', body: { predictions: [] }, status: 422, answer: detail },
  {
    ask: 'POST /predict/batch',
    body: { predictions: Array.from({ length: 101 }, () => ({ station_id: 'a' })) },
    status: 422,
    answer: detail,
  },
  { ask: 'GET /predict/station/a/forecast', answer: forecast },
  { ask: 'GET /predict/station/a/forecast?hours_ahead=168', answer: forecast },
  { ask: 'GET /predict/station/a/forecast?hours_ahead=0', status: 422, answer: detail },
  { ask: 'GET /predict/station/a/forecast?hours_ahead=169', status: 422, answer: detail },
  { ask: 'GET /predict/station/nowhere/forecast', status: 404, answer: detail },
  { ask: 'GET /predict/station/silent/forecast', status: 503, answer: detail },
  { ask: 'POST /predict/station/a/forecast', answer: forecast },
  { ask: 'POST /predict/station/a/forecast?hours_ahead=1', answer: forecast },
  {
    ask: 'POST /predict/station/a/forecast',
    body: { hours_ahead: 3, start_time: '2026-05-04T12:00:00' },
    answer: forecast,
  },
  {
    ask: 'POST /predict/station/a/forecast',
    body: { hours_ahead: null, start_time: null },
    answer: forecast,
  },
  { ask: 'POST /predict/station/a/forecast', body: { start_time: 'soon' }, status: 422, answer: detail },
  {
    ask: 'GET /monitoring/models/current',
    answer: {
      model_info: modelInfo,
      metrics: {
        model_name: 'string',
        model_version: 'string',
        test_rmse: 'number',
        test_mae: 'number',
        test_mape: 'number',
        test_r2: 'number',
        val_rmse: nullable('number'),
        val_mae: nullable('number'),
        val_mape: nullable('number'),
        val_r2: nullable('number'),
      },
      timestamp: 'time',
    },
  },
  {
    ask: 'GET /monitoring/stats',
    answer: {
      total_predictions: 'number',
      total_forecasts: 'number',
      average_response_time_ms: 'number',
      error_rate: 'number',
      uptime_seconds: 'number',
      timestamp: 'time',
    },
  },
]

const openServer = async (now = () => testNow) => {
  const clock = { now }
  const knowledge = createKnowledge(testSystem)
  const holder = createModelHolder<ServingModel>((model) => model.bundle.release())
  const { metrics, telemetry } = testTelemetry()
  const backends = createBackendWatch(
    {
      database: async () => 1,
      mlflow: async () => {
        throw new Error('it is away')
      },
      kafka: () => new Promise(() => {}),
    },
    testClock,
    10,
  )
  const predictor = createPredictor(new Map([[testSystem.systemId, { knowledge, holder }]]), clock, hourMs, {
    onForecast: telemetry.forecastMade,
  })
  const questions: ForecastQuestion[] = []
  const app = await buildServer({
    predictor: {
      ...predictor,
      forecast: (system, question, kind) => {
        questions.push(question)
        return predictor.forecast(system, question, kind)
      },
    },
    metrics,
    telemetry,
    log: silentLog,
    version: '0.0.1',
    backends,
  })
  const serve = async (): Promise<void> => {
    const made = versionedBundle(7, { leafSpread: 0.3 })
    const opened = await openBundle({ read: made.read, manifestSha256: made.manifestSha256 })
    assert.ok(opened.ok)
    const metricsOfTraining = { rmse: 1.5, mae: 1, mape: 0.2, r2: 0.8 }
    const promotion = { ...promotionOf(made, 7), metrics: metricsOfTraining }
    await holder.swap({ bundle: opened.bundle, promotion, loadedAt: testNow })
  }
  const close = async (): Promise<void> => {
    await app.close()
    await holder.close()
  }
  return { app, knowledge, backends, questions, serve, close }
}

const askOf = async (app: TypedApp, ask: string, payload?: object) => {
  const [method, url] = ask.split(' ') as ['GET' | 'POST', string]
  const response = await app.inject({ method, url, ...(payload && { payload }) })
  return { status: response.statusCode, body: response.json() }
}

let city: Awaited<ReturnType<typeof openServer>>
before(async () => {
  city = await openServer()
  fillKnowledge(city.knowledge, ['a', 'b'])
  city.knowledge.takeStation(testStation('silent'))
  await city.serve()
})
after(() => city.close())

for (const { ask, body, status = 200, answer } of rows)
  test(`${ask} ${body ? JSON.stringify(body).slice(0, 80) : ''} → ${status}`, async () => {
    const answered = await askOf(city.app, ask, body)
    assert.equal(answered.status, status, JSON.stringify(answered.body))
    assert.deepEqual(findMismatches(answered.body, answer), [])
  })

test('what the old words were is still said', async () => {
  const of = async (ask: string, body?: object) => (await askOf(city.app, ask, body)).body
  assert.equal((await of('GET /health')).status, 'healthy')
  assert.equal((await of('GET /health')).model_status, 'loaded')
  assert.deepEqual(await of('GET /health/ready'), { status: 'ready' })
  assert.deepEqual(await of('GET /health/live'), { status: 'alive' })
  const predicted = await of('POST /predict', { station_id: 'a' })
  assert.equal(predicted.target, 'bikes_available')
  assert.equal(predicted.timestamp, new Date(testNow + hourMs).toISOString())
  const hours = (await of('GET /predict/station/a/forecast')).forecasts
  assert.deepEqual(
    hours.map((each: { hour_ahead: number }) => each.hour_ahead),
    Array.from({ length: 24 }, (_, index) => index + 1),
  )
  const { metrics } = await of('GET /monitoring/models/current')
  assert.deepEqual([metrics.model_version, metrics.test_rmse, metrics.val_rmse], ['7', 1.5, null])
})

test('weather that is not known is no zero, and a zero is weather', async () => {
  const taken = async (weather_data: object) => {
    city.questions.length = 0
    const { status } = await askOf(city.app, 'POST /predict', { station_id: 'a', weather_data })
    assert.equal(status, 200)
    return city.questions[0]?.changeWeather?.(testWeather(), testNow)?.temperatureC
  }
  const known = await taken({})
  assert.ok(known?.[0] !== undefined && known[0] > 0)
  assert.deepEqual(await taken(unknownWeather), known)
  assert.deepEqual(await taken({ temperature: 0 }), [0])
  assert.deepEqual(await taken({ temperature: '-1.5' }), [-1.5])
})

test('a body that is announced and not sent is none', async () => {
  const headers = { 'content-type': 'application/json' }
  const without = { method: 'POST' as const, headers, payload: '' }
  const forecastOf = await city.app.inject({ ...without, url: '/predict/station/a/forecast' })
  assert.equal(forecastOf.statusCode, 200, forecastOf.body)
  assert.equal((await city.app.inject({ ...without, url: '/predict' })).statusCode, 422)
})

test('the documents and the metrics are where they were', async () => {
  const documents = await city.app.inject({ url: '/docs' })
  assert.match(documents.body, /<html/i)
  const [old, ours] = await Promise.all(
    ['/monitoring/metrics', '/metrics'].map((url) => city.app.inject({ url })),
  )
  assert.match(String(old?.headers['content-type']), /^text\/plain/)
  assert.match(old?.body ?? '', /^velocast_api_forecasts_total\{system="test-city",kind="prediction"\} \d+/m)
  assert.equal(ours?.statusCode, 200)
})

test('the figures are those of what was asked of this process', async () => {
  let now = testNow
  const { app, knowledge, serve, close } = await openServer(() => now)
  const stats = async () => (await askOf(app, 'GET /monitoring/stats')).body
  assert.deepEqual((await stats()).total_requests, 0)
  fillKnowledge(knowledge, ['a', 'b'])
  const without = await askOf(app, 'POST /predict', { station_id: 'a' })
  assert.equal(without.status, 503)
  await serve()
  await askOf(app, 'POST /predict', { station_id: 'a' })
  await askOf(app, 'POST /predict', { station_id: 'nowhere' })
  await askOf(app, 'POST /predict/batch', {
    predictions: ['a', 'b', 'nowhere'].map((station_id) => ({ station_id })),
  })
  await askOf(app, 'GET /predict/station/a/forecast')
  await askOf(app, 'GET /v1/systems/test-city/stations/a/forecast')
  for (let probe = 0; probe < 10; probe++) await askOf(app, 'GET /health/live')
  now += 5_000
  const { average_response_time_ms, ...figures } = await stats()
  assert.ok(average_response_time_ms > 0 && average_response_time_ms < 10_000)
  assert.deepEqual(figures, {
    total_predictions: 3,
    total_forecasts: 2,
    error_rate: 0.3333,
    uptime_seconds: 5,
    timestamp: new Date(now).toISOString(),
    total_requests: 6,
    client_errors: 1,
    server_errors: 1,
  })
  await close()
})

test('each part is told as last seen, and what is away keeps nobody waiting', async () => {
  let now = testNow
  const { app, knowledge, backends, serve, close } = await openServer(() => now)
  const health = async () => (await askOf(app, 'GET /health/detailed')).body
  const before = await health()
  assert.equal(before.status, 'unhealthy')
  assert.deepEqual(before.components.model, { status: 'unhealthy', loaded: false, info: null })
  assert.equal(before.components.database.status, 'unknown')
  assert.equal((await askOf(app, 'GET /monitoring/models/current')).status, 503)

  await backends.checkAll()
  fillKnowledge(knowledge, ['a'])
  await serve()
  const { status, components } = await health()
  assert.equal(status, 'degraded')
  assert.equal(components.feature_freshness.status, 'healthy')
  assert.equal((await askOf(app, 'GET /health')).body.database_status, 'connected')
  const seen = { checked_at: new Date(testNow).toISOString() }
  assert.deepEqual(components.database, { status: 'healthy', connected: true, detail: null, ...seen })
  assert.deepEqual(components.mlflow, {
    status: 'unhealthy',
    connected: false,
    detail: 'it is away',
    ...seen,
  })
  assert.equal(components.kafka.detail, 'no answer within 10 ms')
  assert.equal(components.schema_registry.status, 'not_configured')

  now += 2 * hourMs
  assert.equal((await health()).components.feature_freshness.status, 'degraded')
  await close()
})

test('a system that is not there has no model', async () => {
  const { status } = await askOf(city.app, 'GET /monitoring/models/current?system=atlantis')
  assert.equal(status, 404)
})
