import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DataQuality, ForecastAccuracy } from '@velocast/schemas'
import {
  hourMs,
  promotionOf,
  testNow,
  testStation,
  testVector,
  versionedBundle,
} from '../testing/test-city.ts'
import { openTestServer, type TestServer } from '../testing/test-server.ts'

const base = '/v1/systems/test-city'

let server: TestServer
before(async () => {
  server = await openTestServer()
  server.fill('a', 'b', 'c')
  // A line to the north, 111 m from one to the next.
  for (const [index, stationId] of ['a', 'b', 'c'].entries())
    server.knowledge.takeStation({
      ...testStation(stationId),
      latitude: [59.9, 59.901, 59.902][index]!,
      name: `Søndre "${stationId}", 1`,
    })
  server.knowledge.takeStation(testStation('silent'))
})
after(() => server.close())

const get = async (url: string, headers: Record<string, string> = {}) => {
  const response = await server.app.inject({ url, headers })
  return { status: response.statusCode, headers: response.headers, text: response.body }
}
const json = async (url: string, headers?: Record<string, string>) => {
  const { status, text } = await get(url, headers)
  return { status, body: JSON.parse(text) }
}
const idsOf = (body: { stations: { station_id: string }[] }) => body.stations.map((each) => each.station_id)
const problemOf = async (url: string, headers?: Record<string, string>) => {
  const { status, body } = await json(url, headers)
  return [status, body.type]
}

test('before the first model what can be said is said, degraded, and a forecast is its own problem', async () => {
  const { body } = await json(`${base}/stations`)
  assert.deepEqual([body.model, body.degraded, body.reasons], [null, true, ['no_model']])
  assert.deepEqual(await problemOf(`${base}/forecast`), [503, '/problems/no-model'])
  assert.deepEqual(await problemOf(`${base}/stations/a/forecast`), [503, '/problems/no-model'])
  assert.deepEqual(await problemOf(`${base}/model`), [503, '/problems/no-model'])
  const asked = 'at=2026-05-04T12:00:00Z'
  assert.deepEqual(await problemOf(`${base}/stations/a/availability?${asked}`), [503, '/problems/no-model'])
  const { headers } = await get(`${base}/forecast`)
  assert.equal(headers['retry-after'], '30')
  await server.serve(7, { base: { p_bike: 0.2, departures_mean: 1 } })
})

test('stations are found by a part of the name or the id, and around a place, the nearest first', async () => {
  assert.deepEqual(idsOf((await json(`${base}/stations?search=S%C3%98NDRE`)).body), ['a', 'b', 'c'])
  assert.deepEqual(idsOf((await json(`${base}/stations?search=SIL`)).body), ['silent'])
  const near = (await json(`${base}/stations?latitude=59.9021&longitude=10.7&within_metres=150`)).body
  assert.deepEqual(
    near.stations.map((each: { station_id: string; distance_metres: number }) => [
      each.station_id,
      each.distance_metres,
    ]),
    [
      ['c', 11],
      ['b', 122],
    ],
  )
  assert.deepEqual(await problemOf(`${base}/stations?latitude=59`), [422, '/problems/invalid-parameter'])
})

test('pages follow each other by cursor and by link', async () => {
  let url: string | null = `${base}/stations?limit=2`
  const seen: string[] = []
  while (url) {
    const { headers, text }: { headers: Record<string, unknown>; text: string } = await get(url)
    seen.push(...idsOf(JSON.parse(text)))
    url = /^<(.*)>; rel="next"$/.exec(String(headers.link))?.[1] ?? null
  }
  assert.deepEqual(seen, ['a', 'b', 'c', 'silent'])
  assert.deepEqual(await problemOf(`${base}/stations?cursor=e30`), [422, '/problems/invalid-parameter'])
})

test('as GeoJSON a station is a point, longitude first, and as CSV a row with what needs quotes in quotes', async () => {
  const { text, headers } = await get(`${base}/stations`, { accept: 'application/geo+json' })
  assert.equal(headers['content-type'], 'application/geo+json')
  const { type, features, as_of } = JSON.parse(text)
  assert.deepEqual([type, as_of], ['FeatureCollection', '2026-05-04T08:00:00.000Z'])
  assert.deepEqual(features[1].geometry, { type: 'Point', coordinates: [10.7, 59.901] })
  assert.equal(features[1].properties.bikes, 10)
  const csv = (await get(`${base}/stations?limit=1`, { accept: 'text/csv' })).text
  assert.match(csv.split('\r\n')[1]!, /^test-city,a,"Søndre ""a"", 1",59\.9,10\.7,20,,10,/)
})

test('the state of a station is its newest report; of one that has not reported nothing is made up', async () => {
  const { body } = await json(`${base}/stations/a/state`)
  assert.deepEqual([body.bikes, body.capacity, body.data_age_seconds], [10, 20, 60])
  const silent = (await json(`${base}/stations/silent/state`)).body
  assert.deepEqual(
    [silent.bikes, silent.as_of, silent.degraded, silent.reasons],
    [null, null, true, ['no_features']],
  )
  assert.equal((await json(`${base}/stations/silent`)).body.name, 'Station silent')
})

test('will there be a bike, and if not, which of the nearest? Likely is what was asked for', async () => {
  const asked = 'at=2026-05-04T12:00:00Z&within_metres=150'
  const { body } = await json(`${base}/stations/b/availability?${asked}&likely_from=1`)
  assert.equal(body.target_at, '2026-05-04T12:00:00.000Z')
  assert.equal(body.station.likely, false)
  assert.ok(body.station.probability > 0 && body.station.probability < 1)
  assert.deepEqual(
    body.alternatives.map((each: { station_id: string; distance_metres: number }) => [
      each.station_id,
      each.distance_metres,
    ]),
    [
      ['a', 111],
      ['c', 111],
    ],
  )
  const likely = (await json(`${base}/stations/b/availability?${asked}&likely_from=0&need=dock`)).body
  assert.deepEqual(
    [likely.need, likely.station.likely, likely.suggestion, likely.alternatives],
    ['dock', true, 'b', []],
  )
  const place = (await json(`${base}/availability?${asked}&latitude=59.9011&longitude=10.7&stations=2`)).body
  assert.deepEqual(idsOf(place), ['b', 'c'])
  const table = (await get(`${base}/stations/b/availability?${asked}`, { accept: 'text/csv' })).text
  assert.match(table.split('\r\n')[0]!, /^system_id,station_id,name,.*,probability,expected,likely,suggested/)
})

test('each thing that can be wrong has its own problem, which describes itself', async () => {
  const ofA = `${base}/stations/a`
  const wrong: [string, number, string, Record<string, string>?][] = [
    ['/v1/nothing', 404, 'unknown-route'],
    ['/v1/systems/atlantis', 404, 'unknown-system'],
    ['/v1/systems/atlantis/events', 404, 'unknown-system'],
    [`${base}/stations/nowhere/state`, 404, 'unknown-station'],
    [`${base}/stations/nowhere/forecast`, 404, 'unknown-station'],
    [`${base}/forecast?station=a&station=nowhere`, 404, 'unknown-station'],
    [`${ofA}/forecast?hours=169`, 422, 'horizon-out-of-range'],
    [`${ofA}/availability?at=2026-05-12T12:00:00Z`, 422, 'horizon-out-of-range'],
    [`${ofA}/availability?at=2026-05-04T07:00:00Z`, 422, 'horizon-out-of-range'],
    [`${ofA}/availability?at=soon`, 422, 'invalid-parameter'],
    [`${ofA}/availability`, 422, 'invalid-parameter'],
    [`${ofA}/forecast?quantity=luck`, 422, 'invalid-parameter'],
    [`${base}/stations?limit=0`, 422, 'invalid-parameter'],
    [`${base}/stations/silent/forecast`, 503, 'station-not-reported'],
    [`${ofA}/forecast`, 406, 'not-acceptable', { accept: 'image/png' }],
    ['/v1/systems/%ff', 400, 'malformed-request'],
  ]
  for (const [url, status, name, headers] of wrong) {
    assert.deepEqual(await problemOf(url, headers), [status, `/problems/${name}`], url)
    const described = (await json(`/problems/${name}`)).body
    assert.equal(described.status, status)
    assert.ok(described.meaning)
  }
  assert.equal((await json('/problems/nonsense')).status, 404)
  assert.ok((await json('/problems')).body.problems.length >= wrong.length / 2)
})

test('a stale feed is an answer that says so', async () => {
  server.setNow(testNow + 3 * hourMs)
  const { body } = await json(`${base}/stations/a/forecast`)
  assert.deepEqual([body.degraded, body.reasons], [true, ['features_stale']])
  const { headers } = await get(`${base}/stations/a/state`)
  assert.equal(headers['velocast-degraded'], 'features_stale')
  server.setNow(testNow)
})

test('every answer has a request id: a sane one is taken over, another is replaced', async () => {
  assert.equal((await get('/v1/systems', { 'x-request-id': 'abc-1' })).headers['x-request-id'], 'abc-1')
  const { headers, text } = await get('/v1/systems/atlantis', { 'x-request-id': 'no\tspaces please' })
  assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/)
  assert.equal(JSON.parse(text).request_id, headers['x-request-id'])
})

test('the old forecast routes are marked deprecated and name their successor; their bodies are as before', async () => {
  const { headers, text } = await get('/predict/station/a/forecast?hours_ahead=1')
  assert.match(String(headers.deprecation), /^@\d{10}$/)
  assert.equal(headers.link, '</v1/systems/test-city/stations/a/forecast>; rel="successor-version"')
  assert.equal(JSON.parse(text).forecast_hours, 1)
  const refused = await json('/predict/station/nowhere/forecast')
  assert.deepEqual(Object.keys(refused.body), ['type', 'title', 'status', 'detail'])
  assert.equal((await get('/v1/systems')).headers.deprecation, undefined)
})

test('accuracy, quality and history are what was published, and an empty list says that nothing was', async () => {
  for (const [path, list] of [
    ['accuracy', 'accuracy'],
    ['quality', 'checks'],
    ['model/history', 'changes'],
  ]) {
    const { body } = await json(`${base}/${path}`)
    assert.deepEqual(body[list!], [])
    assert.match(body.note, /^No /)
  }
  for (const hour of [1, 2, 3]) {
    server.records.take('forecast-accuracy', accuracyAt(hour))
    server.records.take('data-quality', verdictAt(hour))
  }
  server.records.take('forecast-accuracy', { ...accuracyAt(9), stationId: 'a' })
  const first = (await json(`${base}/accuracy?limit=2`)).body
  assert.deepEqual(
    first.accuracy.map((each: { rmse: number; window_end_at: string }) => [each.rmse, each.window_end_at]),
    [
      [3, '2026-05-04T11:01:00.000Z'],
      [2, '2026-05-04T10:01:00.000Z'],
    ],
  )
  const second = (await json(`${base}/accuracy?limit=2&cursor=${first.next_cursor}`)).body
  assert.deepEqual([second.accuracy.length, second.next_cursor, second.note], [1, null, undefined])
  assert.equal((await json(`${base}/accuracy?station=a`)).body.accuracy.length, 1)
  assert.equal((await json(`${base}/accuracy?horizon_minutes=30`)).body.accuracy.length, 0)
  assert.equal((await json(`${base}/quality?status=FAIL`)).body.checks.length, 1)
  const csv = (await get(`${base}/quality`, { accept: 'text/csv' })).text.trimEnd().split('\r\n')
  assert.equal(csv.length, 4)

  const promotion = promotionOf(versionedBundle(3), 3)
  server.records.take('model-promoted', promotion)
  for (const replicaId of ['one', 'two'])
    for (const version of ['2', '3'])
      server.records.take('model-activated', {
        ...activation,
        replicaId,
        modelVersion: version,
        promotedAt: testNow + Number(version),
      })
  const { changes } = (await json(`${base}/model/history`)).body
  assert.deepEqual(
    changes.map((each: { version: string; servers: number; reason: string | null }) => [
      each.version,
      each.servers,
      each.reason,
    ]),
    [
      ['3', 2, 'test'],
      ['2', 2, null],
    ],
  )
})

const accuracyAt = (hour: number): ForecastAccuracy => ({
  systemId: 'test-city',
  stationId: null,
  modelName: 'velocast',
  modelVersion: '7',
  horizonMinutes: 60,
  windowStartAt: testNow + (hour - 1) * hourMs,
  windowEndAt: testNow + hour * hourMs,
  count: 100,
  rmse: hour,
  mae: 1,
  rmseDamped: 2,
  coverage90: 0.9,
  brierBike: 0.1,
  brierDock: 0.1,
})

const verdictAt = (hour: number): DataQuality => ({
  systemId: 'test-city',
  stationId: null,
  rule: 'stations-missing',
  checkedAt: testNow + hour * hourMs,
  status: hour === 2 ? 'FAIL' : 'PASS',
  expected: null,
  actual: null,
  detail: null,
  vetoesTraining: false,
  value: hour,
})

const activation = {
  systemId: 'test-city',
  modelName: 'velocast',
  activatedAt: testNow + 60_000,
  fetchMs: 1,
  checkMs: 1,
  warmUpMs: 1,
  swapMs: 1,
  drainMs: 1,
  previousVersion: null,
}

test('a station that reports and is not listed is there too', async () => {
  server.knowledge.takeVector(testVector('unlisted'))
  assert.ok(idsOf((await json(`${base}/stations`)).body).includes('unlisted'))
  assert.equal((await json(`${base}/stations/unlisted`)).body.name, null)
})
