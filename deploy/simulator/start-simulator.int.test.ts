import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { feedNamesOf, GBFS_VERSIONS } from './feed/gbfs-documents.ts'
import { requestRaw } from './http/request-raw.ts'
import { informationDocument, recordedCsv } from './recorded/fixtures.ts'
import { createSimulatedClock } from './simulated-clock.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from './start-simulator.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 4, 4, 9, 30, 20)
/** A clock that stands still. */
const clock = createSimulatedClock({ startAt: NOW, speed: 0 })
const quietCity = { kind: 'city', hasFeedOutages: false, hasStationOutages: false } as const

const started = async (t: TestContext, options: SimulatorOptions = {}): Promise<Simulator> => {
  const simulator = await startSimulator({ clock, feed: quietCity, stations: 12, ...options })
  t.after(simulator.stop)
  return simulator
}

const statusAddress = async (simulator: Simulator): Promise<string> => {
  const discovery = (await (await fetch(simulator.gbfsAddress)).json()) as {
    data: { en: { feeds: { name: string; url: string }[] } }
  }
  return discovery.data.en.feeds.find(({ name }) => name === 'station_status')!.url
}

const asOf = (at: number): { headers: Record<string, string> } => ({
  headers: { 'velocast-at': new Date(at).toISOString() },
})

interface Status {
  last_updated: number
  data: { stations: { station_id: string; num_bikes_available: number }[] }
}

test('every feed that discovery names is there, in every version', async (t) => {
  for (const gbfsVersion of GBFS_VERSIONS) {
    const simulator = await started(t, { gbfsVersion })
    const { data } = (await (await fetch(simulator.gbfsAddress)).json()) as {
      data: { feeds?: { name: string; url: string }[]; en?: { feeds: { name: string; url: string }[] } }
    }
    const feeds = data.feeds ?? data.en!.feeds
    assert.deepEqual(feeds.map(({ name }) => name).toSorted(), [...feedNamesOf(gbfsVersion)].toSorted())
    for (const { url } of feeds) {
      const response = await fetch(url)
      assert.equal(response.status, 200, url)
      assert.equal(((await response.json()) as { version: string }).version, gbfsVersion)
    }
  }
})

test('information and status are of the same stations', async (t) => {
  const simulator = await started(t)
  const status = (await (await fetch(await statusAddress(simulator))).json()) as Status
  const information = (await (
    await fetch(`${simulator.address}/gbfs/en/station_information.json`)
  ).json()) as Status
  assert.deepEqual(
    status.data.stations.map(({ station_id }) => station_id),
    information.data.stations.map(({ station_id }) => station_id),
  )
  assert.equal(status.data.stations.length, 12)
  assert.equal(simulator.info.stationCount, 12)
  assert.equal(simulator.info.country, 'DE')
})

test('a request is answered as of the moment in its header, and as of now without', async (t) => {
  const simulator = await started(t)
  const address = await statusAddress(simulator)
  const ask = async (at?: number): Promise<Status> =>
    (await (await fetch(address, at === undefined ? {} : asOf(at))).json()) as Status
  assert.equal((await ask()).last_updated, Math.floor(NOW / MINUTE_MS) * 60)
  const past = await ask(NOW - 20 * DAY_MS)
  assert.equal(past.last_updated, Math.floor((NOW - 20 * DAY_MS) / MINUTE_MS) * 60)
  await ask(NOW - DAY_MS)
  assert.deepEqual(await ask(NOW - 20 * DAY_MS), past)
  const other = await started(t)
  const again = await (await fetch(await statusAddress(other), asOf(NOW - 20 * DAY_MS))).json()
  assert.deepEqual(again, past, 'another run of the simulator says the same')
  const bad = await fetch(address, { headers: { 'velocast-at': 'yesterday' } })
  assert.equal(bad.status, 400)
  assert.match(((await bad.json()) as { error: string }).error, /velocast-at/)
})

test('documents are compressed where that is accepted, and not sent again to whom has them', async (t) => {
  const simulator = await started(t)
  const address = await statusAddress(simulator)
  const plain = await requestRaw(address, {})
  const zipped = await requestRaw(address, { 'accept-encoding': 'deflate, gzip' })
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(zipped.headers['content-encoding'], 'gzip')
  assert.ok(zipped.body.length < plain.body.length / 2)
  assert.deepEqual(gunzipSync(zipped.body), plain.body)
  const refused = await requestRaw(address, { 'accept-encoding': 'gzip;q=0' })
  assert.equal(refused.headers['content-encoding'], undefined)

  const etag = String(zipped.headers.etag)
  const known = await requestRaw(address, { 'if-none-match': `"other", ${etag}` })
  assert.equal(known.status, 304)
  assert.equal(known.body.length, 0)
  const moved = await requestRaw(address, {
    'if-none-match': etag,
    'velocast-at': new Date(NOW - 10 * MINUTE_MS).toISOString(),
  })
  assert.equal(moved.status, 200, 'another moment, another document')
})

test('a feed that is down, frozen or garbled is so until told otherwise, and weather goes on', async (t) => {
  let now = NOW
  const simulator = await started(t, { clock: { now: () => now } })
  const address = await statusAddress(simulator)
  const ask = async (): Promise<Status> => (await (await fetch(address)).json()) as Status
  const before = await ask()

  simulator.setFault({ feed: 'down' })
  assert.equal((await fetch(address)).status, 503)
  const weather = `${simulator.openMeteoAddress}/v1/forecast?latitude=52.5&longitude=13.4&current=temperature_2m`
  assert.equal((await fetch(weather)).status, 200)

  simulator.setFault({ feed: 'frozen' })
  now += 5 * MINUTE_MS
  assert.deepEqual(await ask(), before)
  simulator.setFault({ feed: 'garbage' })
  await assert.rejects(ask(), SyntaxError)
  simulator.setFault({ feed: null, weather: 'down' })
  assert.equal((await ask()).last_updated, before.last_updated + 300)
  assert.equal((await fetch(weather)).status, 503)
})

test('a slow feed keeps its client waiting, and the simulator stops all the same', async () => {
  const simulator = await startSimulator({ clock, feed: quietCity, faults: { feed: 'slow' } })
  const waiting = fetch(simulator.gbfsAddress)
  const fast = await fetch(`${simulator.address}/v1/forecast?latitude=1&longitude=1`)
  assert.equal(fast.status, 200)
  await Promise.all([assert.rejects(waiting), simulator.stop()])
})

test('the weather services answer in their own shapes, their errors too', async (t) => {
  const simulator = await started(t)
  const get = async (path: string) => {
    const response = await fetch(simulator.address + path)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  assert.deepEqual(await get('/data/2.5/weather?lat=52.5&lon=13.4'), {
    status: 401,
    body: {
      cod: 401,
      message: 'Invalid API key. Please see https://openweathermap.org/faq#error401 for more info.',
    },
  })
  const now = await get('/data/2.5/weather?lat=52.5&lon=13.4&appid=key&units=metric')
  assert.equal(now.body.cod, 200)
  assert.equal(now.body.dt, Math.floor(NOW / (10 * MINUTE_MS)) * 600)
  const ahead = await get('/data/2.5/forecast?lat=52.5&lon=13.4&appid=key&cnt=3')
  assert.equal((ahead.body.list as unknown[]).length, 3)
  assert.equal((await get('/data/2.5/weather?appid=key')).status, 400)
  const places = await get('/v1/forecast?latitude=1,2&longitude=3,4&current=temperature_2m')
  assert.deepEqual(
    (places.body as unknown as { latitude: number }[]).map(({ latitude }) => latitude),
    [1, 2],
  )
  assert.equal((await get('/v1/forecast?latitude=1,2&longitude=3')).status, 400)
  const refused = await get('/v1/forecast?latitude=1&longitude=2&hourly=happiness')
  assert.equal(refused.status, 400)
  assert.equal(refused.body.error, true)
  assert.equal(typeof refused.body.reason, 'string')
})

test('what is not there is a 404 that says where to look; other methods are refused', async (t) => {
  const simulator = await started(t)
  const missing = await fetch(`${simulator.address}/gbfs/en/free_bike_status.json`)
  assert.equal(missing.status, 404)
  assert.match(((await missing.json()) as { error: string }).error, /gbfs\.json/)
  assert.equal((await fetch(simulator.gbfsAddress, { method: 'POST' })).status, 405)
})

test('a recording answers over the same routes; before its beginning there is nothing', async (t) => {
  const data = await mkdtemp(join(tmpdir(), 'recording-'))
  t.after(() => rm(data, { recursive: true }))
  await writeFile(join(data, 'status.csv'), recordedCsv(Date.UTC(2022, 8, 1), 50))
  await writeFile(join(data, 'station_information.json'), informationDocument(Date.UTC(2022, 8, 1)))
  const simulator = await started(t, { feed: { kind: 'recorded', data }, systemId: 'bay' })
  const { startsAt, timeZone, systemId } = simulator.info
  assert.deepEqual([systemId, timeZone], ['bay', 'America/Los_Angeles'])
  const address = await statusAddress(simulator)
  const status = (await (await fetch(address)).json()) as Status
  assert.equal(status.data.stations.length, 3)
  assert.ok(NOW / 1000 - status.last_updated < 3600)
  const early = await fetch(address, asOf(startsAt! - MINUTE_MS))
  assert.equal(early.status, 404)
  assert.match(((await early.json()) as { error: string }).error, /recording begins at/)
})

test('a port that is taken is named', async (t) => {
  const simulator = await started(t)
  const port = Number(new URL(simulator.address).port)
  await assert.rejects(startSimulator({ port, feed: quietCity }), new RegExp(`Port ${port} is taken`))
})

test('it is started and stopped many times over without leaving anything', async () => {
  const first = await startSimulator({ clock, feed: quietCity })
  const port = Number(new URL(first.address).port)
  await first.stop()
  for (let round = 0; round < 10; round++) {
    const simulator = await startSimulator({ port, clock, feed: quietCity })
    await fetch(simulator.gbfsAddress)
    await simulator.stop()
  }
})

test('five weeks of history are answered, moment by moment', async (t) => {
  const simulator = await started(t, { feed: { kind: 'city' }, stations: 60 })
  const address = await statusAddress(simulator)
  const statuses = new Set<number>()
  for (let at = NOW - 35 * DAY_MS; at <= NOW; at += 15 * MINUTE_MS) {
    const { status } = await requestRaw(address, { ...asOf(at).headers, 'accept-encoding': 'gzip' })
    statuses.add(status)
  }
  // Now and then the feed is down, as real ones are.
  assert.deepEqual([...statuses].sort(), [200, 503])
})
