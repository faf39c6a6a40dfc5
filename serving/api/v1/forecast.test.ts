import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { ScorerUnavailableError } from '@velocast/inference'
import { type Table, tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { hourMs, testNow, testStation, testVector, testWeather } from '../testing/test-city.ts'
import { openTestServer, type TestServer } from '../testing/test-server.ts'
import { withScore } from '../testing/with-score.ts'
import { type Quantity, quantities } from './quantities.ts'

const base = '/v1/systems/test-city'
const ofA = `${base}/stations/a/forecast`
const arrow = 'application/vnd.apache.arrow.stream'

let server: TestServer
before(async () => {
  server = await openTestServer()
  server.fill('a', 'b', 'c')
  server.knowledge.takeStation(testStation('silent'))
  await server.serve(7, { leafSpread: 0.3, trees: 8 })
})
after(() => server.close())

const get = (url: string, headers: Record<string, string> = {}) => server.app.inject({ url, headers })

const parseCsv = (text: string): Record<string, string>[] => {
  const [head = '', ...lines] = text.trimEnd().split('\r\n')
  const names = head.split(',')
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [names[index], cell])))
}

const isoOf = (epochMs: unknown): string => new Date(Number(epochMs)).toISOString()
const arrowRows = (table: Table): Record<string, unknown>[] => table.toArray().map((row) => row.toJSON())

/** The quantities of a target in the words of the flat rows. */
// biome-ignore lint/suspicious/noExplicitAny: a point of the JSON.
const flat = (point: any): Record<string, number | null> => ({
  horizon_hours: point.horizon_hours,
  ...(point.bikes && {
    bikes_mean: point.bikes.mean,
    bikes_q05: point.bikes.q05,
    bikes_q50: point.bikes.q50,
    bikes_q95: point.bikes.q95,
  }),
  ...(point.docks && {
    docks_mean: point.docks.mean,
    docks_q05: point.docks.q05,
    docks_q50: point.docks.q50,
    docks_q95: point.docks.q95,
  }),
  ...(point.bike_probability !== undefined && { bike_probability: point.bike_probability }),
  ...(point.dock_probability !== undefined && { dock_probability: point.dock_probability }),
  ...(point.departures !== undefined && {
    departures: point.departures,
    departures_q05: point.departures_interval.q05,
    departures_q95: point.departures_interval.q95,
  }),
  ...(point.arrivals !== undefined && {
    arrivals: point.arrivals,
    arrivals_q05: point.arrivals_interval.q05,
    arrivals_q95: point.arrivals_interval.q95,
  }),
})

test('JSON, CSV and Arrow say the same numbers, of whatever is asked for', async () => {
  const asked = fc.record({
    hours: fc.integer({ min: 1, max: 8 }),
    step: fc.constantFrom(15, 30, 60),
    chosen: fc.subarray(quantities, { minLength: 1 }) as fc.Arbitrary<Quantity[]>,
    stations: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
  })
  await fc.assert(
    fc.asyncProperty(asked, async ({ hours, step, chosen, stations }) => {
      const url = `${base}/forecast?hours=${hours}&step_minutes=${step}&${chosen
        .map((quantity) => `quantity=${quantity}`)
        .join('&')}&${stations.map((station) => `station=${station}`).join('&')}`
      const json = (await get(url)).json()
      const csv = parseCsv((await get(url, { accept: 'text/csv' })).body)
      const rows = arrowRows(tableFromIPC((await get(url, { accept: arrow })).rawPayload))
      // biome-ignore lint/suspicious/noExplicitAny: the JSON is checked against the rows.
      const points = json.stations.flatMap((each: any) =>
        // biome-ignore lint/suspicious/noExplicitAny: the JSON is checked against the rows.
        each.forecasts.map((point: any) => ({
          station_id: each.station_id,
          target_at: point.target_at,
          ...flat(point),
        })),
      )
      assert.equal(points.length, (stations.length * hours * 60) / step)
      assert.deepEqual(
        csv.map(({ station_id, target_at, ...row }) => ({
          station_id,
          target_at,
          ...Object.fromEntries(
            Object.keys(flat({}))
              .concat(Object.keys(row))
              .filter((name) => name in points[0])
              .map((name) => [name, row[name] === '' ? null : Number(row[name])]),
          ),
        })),
        points,
      )
      assert.deepEqual(
        rows.map((row) =>
          Object.fromEntries(
            Object.keys(points[0]).map((name) => [name, name === 'target_at' ? isoOf(row[name]) : row[name]]),
          ),
        ),
        points,
      )
    }),
    { numRuns: 12 },
  )
})

test('a target is each quarter, half or whole hour, and only what is asked for is said', async () => {
  const { forecasts } = (await get(`${ofA}?hours=1&step_minutes=15&quantity=bike_probability`)).json()
  assert.deepEqual(
    forecasts.map((point: { target_at: string }) => point.target_at.slice(11, 16)),
    ['08:15', '08:30', '08:45', '09:00'],
  )
  assert.deepEqual(Object.keys(forecasts[0]), ['target_at', 'horizon_hours', 'bike_probability'])
})

test('an answer is kept until its station, the weather or the model changes, and its age goes on meanwhile', async () => {
  const runsOf = async (url = ofA): Promise<number> => {
    const before = server.runs()
    assert.equal((await get(url)).statusCode, 200)
    return server.runs() - before
  }
  await runsOf()
  assert.equal(await runsOf(), 0)
  server.setNow(testNow + 30_000)
  const later = await get(ofA)
  assert.deepEqual([later.json().data_age_seconds, later.headers['velocast-data-age-seconds']], [90, '90'])
  assert.equal(await runsOf(), 0, 'time alone')
  server.knowledge.takeVector(testVector('b', { bikes: 3 }))
  assert.equal(await runsOf(), 0, 'another station')
  server.knowledge.takeVector(testVector('a', { bikes: 4 }))
  assert.equal(await runsOf(), 1, 'a corrected report of the same moment')
  server.knowledge.takeStation({ ...testStation('a'), name: 'Renamed' })
  assert.equal(await runsOf(), 1, 'another name')
  server.knowledge.takeWeather({ ...testWeather(), polledAt: testNow - 60_000 })
  assert.equal(await runsOf(), 1, 'another weather forecast')
  await server.serve(8)
  assert.equal(await runsOf(), 1, 'another model')
  server.knowledge.takeObservation({
    ...observation('a'),
    observedAt: testNow - 2 * hourMs,
    polledAt: testNow,
  })
  assert.equal(await runsOf(), 1, 'a late observation')
  assert.equal(await runsOf(`${ofA}?hours=25`), 1, 'another question')
  server.setNow(testNow + 58 * 60_000)
  assert.equal(await runsOf(), 0, 'just before the first target')
  server.setNow(testNow + 60 * 60_000)
  const passed = await get(ofA)
  assert.deepEqual(passed.json().reasons, ['features_stale'], 'now it is stale')
  assert.equal(
    passed.json().forecasts[0].target_at,
    '2026-05-04T10:00:00.000Z',
    'the first target has passed',
  )
  server.setNow(testNow)
})

test('where neighbours stand for the past, a change of theirs changes the answer', async () => {
  server.knowledge.takeVector(testVector('new'))
  const url = `${base}/stations/new/forecast`
  assert.deepEqual((await get(url)).json().reasons, ['short_history'])
  const before = server.runs()
  await get(url)
  assert.equal(server.runs(), before)
  server.knowledge.takeObservation({ ...observation('b'), observedAt: testNow - hourMs, polledAt: testNow })
  await get(url)
  assert.equal(server.runs(), before + 1)
})

test('what the client has already is 304, in every format, until it changes', async () => {
  for (const url of [ofA, `${base}/forecast`, `${base}/stations`, `${base}/stations/a/state`, '/v1/systems'])
    for (const accept of ['application/json', 'text/csv']) {
      const first = await get(url, { accept })
      const etag = String(first.headers.etag)
      assert.match(etag, /^W\/"/, url)
      server.setNow(testNow + 5_000)
      const again = await get(url, { accept, 'if-none-match': `"x", ${etag}` })
      assert.deepEqual([again.statusCode, again.body, again.headers.etag], [304, '', etag], url)
      server.setNow(testNow)
      server.knowledge.takeVector(testVector('a', { bikes: 5 }))
      assert.equal((await get(url, { accept, 'if-none-match': etag })).statusCode, 200, url)
      server.knowledge.takeVector(testVector('a', { bikes: 10 }))
    }
})

test('an answer may be kept until the next report is due, and not at all once that is late', async () => {
  const own = await openTestServer()
  own.fill('a')
  await own.serve(1)
  const cacheControl = async () => String((await own.app.inject({ url: ofA })).headers['cache-control'])
  own.knowledge.takeVector(testVector('a', { asOf: testNow - 31_000 }))
  own.knowledge.takeVector(testVector('a', { asOf: testNow - 1_000 }))
  assert.equal(await cacheControl(), 'max-age=29')
  own.setNow(testNow + 40_000)
  assert.equal(await cacheControl(), 'max-age=0')
  await own.close()
})

test('bodies are compressed as the client accepts, and are the same', async () => {
  const plain = (await get(ofA)).body
  for (const url of [ofA, `${base}/forecast?station=a`]) {
    const expected = (await get(url)).body
    const gzip = await get(url, { 'accept-encoding': 'gzip' })
    assert.equal(gzip.headers['content-encoding'], 'gzip')
    assert.equal(gunzipSync(gzip.rawPayload).toString(), expected)
    const br = await get(url, { 'accept-encoding': 'gzip;q=0.5, br' })
    assert.equal(br.headers['content-encoding'], 'br')
    assert.equal(brotliDecompressSync(br.rawPayload).toString(), expected)
  }
  server.setNow(testNow + 7_000)
  const later = await get(ofA, { 'accept-encoding': 'br' })
  assert.equal(
    brotliDecompressSync(later.rawPayload).toString(),
    plain.replace('"data_age_seconds":60', '"data_age_seconds":67'),
  )
  server.setNow(testNow)
})

test('a model that cannot be run at the moment is a 503 that says to ask again', async () => {
  const { holder } = server.system
  const { bundle, promotion, loadedAt } = holder.current()!
  const failing = withScore(bundle, () => async () => {
    throw new ScorerUnavailableError('no memory')
  })
  const without = await openTestServer()
  without.fill('a')
  await without.system.holder.swap({ bundle: failing, promotion, loadedAt })
  const response = await without.app.inject(`${ofA}?hours=5`)
  assert.equal(response.statusCode, 503)
  assert.equal(response.headers['retry-after'], '2')
  const { type, detail } = response.json()
  assert.deepEqual(
    [type, detail],
    ['/problems/model-unavailable', 'The model cannot be run at the moment. Ask again.'],
  )
  await without.app.close()
})

test('the whole system is every station that can be forecast; the others are named with why', async () => {
  const { stations, unavailable, model, as_of } = (await get(`${base}/forecast?hours=2`)).json()
  assert.deepEqual(
    stations.map((each: { station_id: string }) => each.station_id),
    ['a', 'b', 'c', 'new'],
  )
  assert.deepEqual(model, { name: 'velocast', version: '8' })
  assert.equal(as_of, '2026-05-04T08:00:00.000Z')
  assert.deepEqual(unavailable, [
    {
      station_id: 'silent',
      type: '/problems/station-not-reported',
      detail: 'Station "silent" has not reported yet. Ask again after its first report.',
    },
  ])
  const alone = (await get(`${ofA}?hours=2`)).json()
  assert.deepEqual(stations[0], alone)
})

const observation = (stationId: string) => ({
  systemId: 'test-city',
  stationId,
  reportedAt: null,
  bikes: 1,
  ebikes: null,
  docks: null,
  bikesDisabled: 0,
  docksDisabled: 0,
  isInstalled: true,
  isRenting: true,
  isReturning: true,
  capacity: null,
  latitude: null,
  longitude: null,
  origin: 'REPORTED' as const,
})

test('what many ask for at once is worked out once, and again when knowledge has changed meanwhile', async () => {
  const url = `${base}/stations/b/forecast?hours=5`
  const before = server.runs()
  const answers = await Promise.all(Array.from({ length: 8 }, () => get(url)))
  assert.deepEqual(new Set(answers.map(({ statusCode }) => statusCode)), new Set([200]))
  assert.equal(new Set(answers.map(({ body }) => body)).size, 1)
  assert.equal(server.runs() - before, 1)
  await get(`${base}/stations/c/forecast?hours=5`)
  const first = get(`${base}/stations/c/forecast?hours=6`)
  await new Promise(setImmediate)
  server.knowledge.takeVector(testVector('c', { asOf: testNow - 30_000 }))
  await Promise.all([first, get(`${base}/stations/c/forecast?hours=6`)])
  assert.equal(server.runs() - before, 4)
})
