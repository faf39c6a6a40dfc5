/** Odd feeds through the service as it runs: what comes out in the topics is right, and says what was odd. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { topics } from '@velocast/schemas'
import {
  createTestKafka,
  type SpawnedService,
  spawnService,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { readValues } from '../testing/read-values.ts'

const seconds = Math.floor(Date.now() / 1000) - 60
const day = { station_opening_hours: null, lat: 48.8, lon: 2.3 }

/** As Paris writes it: no gbfs.json, no last_updated, ids as numbers, of which JavaScript holds only the first. */
const PARIS = {
  '/paris/station_information.json': `{"lastUpdatedOther":${seconds},"ttl":3600,"data":{"stations":[
    {"station_id":36255,"stationCode":"9020","name":"Toudouze","lat":48.87,"lon":2.33,"capacity":21},
    {"station_id":9223372036854775807,"stationCode":"1","name":"Mondor","lat":48.79,"lon":2.45,"capacity":0}]}}`,
  '/paris/station_status.json': `{"lastUpdatedOther":${seconds},"ttl":3600,"data":{"stations":[
    {"station_id":9223372036854775807,"num_bikes_available":1,"num_bikes_available_types":[{"mechanical":1},{"ebike":0}],
     "num_docks_available":34,"is_installed":1,"is_returning":1,"is_renting":1,"last_reported":${seconds}},
    {"station_id":36255,"num_bikes_available":7,"num_bikes_available_types":[{"mechanical":2},{"ebike":5}],
     "num_docks_available":13,"is_installed":1,"is_returning":1,"is_renting":0,"last_reported":0}]}}`,
}

/** Version 3.0, in Swedish, with one station that cannot be used and one that is there twice. */
const LUND = {
  '/lund/gbfs.json': JSON.stringify({
    version: '3.0',
    last_updated: new Date(seconds * 1000).toISOString(),
    ttl: 0,
    data: {
      feeds: ['station_status', 'station_information'].map((name) => ({ name, url: `v3/${name}` })),
    },
  }),
  '/lund/v3/station_information': JSON.stringify({
    version: '3.0',
    last_updated: new Date(seconds * 1000).toISOString(),
    ttl: 0,
    data: {
      stations: [
        { ...day, station_id: 'b', name: [{ text: 'Torget', language: 'sv' }], capacity: -1 },
        { ...day, station_id: 'a', name: 'Hamnen', capacity: 10 },
      ],
    },
  }),
  '/lund/v3/station_status': JSON.stringify({
    version: '3.0',
    last_updated: new Date(seconds * 1000).toISOString(),
    ttl: 0,
    data: {
      stations: [
        { station_id: 'b', num_vehicles_available: 3, last_reported: new Date(seconds * 1000).toISOString() },
        { station_id: 'c', num_vehicles_available: -1 },
        { station_id: 'a', num_bikes_available: '2', num_docks_available: 8, is_renting: 'no' },
        { station_id: 'a', num_bikes_available: '2', num_docks_available: 8, is_renting: 'no' },
      ],
    },
  }),
}

const documents: Record<string, string> = { ...PARIS, ...LUND }
const server = createServer((request, response) => {
  const body = documents[request.url ?? '']
  response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(body)
})
let stack: TestKafka
let service: SpawnedService
let folder: string

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  stack = await createTestKafka()
  folder = mkdtempSync(join(tmpdir(), 'velocast-odd-feeds-'))
  const place = { timeZone: 'Europe/Paris', country: 'FR', latitude: 48.8, longitude: 2.3 }
  const weather = { provider: 'open-meteo', address }
  const systems = [
    { ...place, systemId: 'paris', gbfs: `${address}/paris/station_status.json`, weather },
    { ...place, systemId: 'lund', gbfs: `${address}/lund/gbfs.json`, weather, modelName: 'lund' },
  ]
  writeFileSync(join(folder, 'systems.json'), JSON.stringify({ systems }))
  service = spawnService(new URL('../main.ts', import.meta.url), {
    ...stack.env,
    SYSTEMS_FILE: join(folder, 'systems.json'),
    POLL_EVERY_SECONDS: '1',
    LOG_LEVEL: 'debug',
  })
  const hasPolled = (system: string): boolean =>
    service.events().some((event) => event.system === system && event.feed === 'station_status')
  await waitFor(() => hasPolled('paris') && hasPolled('lund'), { what: 'both are polled' })
  await service.kill('SIGTERM')
})
after(async () => {
  await service?.kill('SIGKILL')
  await stack?.close()
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const statusOf = async (system: string) =>
  (await readValues(stack.kafka, topics.stationStatus)).filter(({ systemId }) => systemId === system)
const odditiesOf = async (system: string, feed: string) => {
  const polls = await readValues(stack.kafka, topics.feedPolls)
  const poll = polls.find((each) => each.systemId === system && each.feed === feed)
  return Object.fromEntries(poll?.oddities.map(({ rule, count }) => [rule, count]) ?? [])
}

test("Vélib's own shape is followed, and its ids keep every digit", async () => {
  assert.deepEqual(
    (await statusOf('paris')).map(({ stationId, bikes, ebikes, docks, isRenting, reportedAt, capacity }) => [
      stationId,
      bikes,
      ebikes,
      docks,
      isRenting,
      reportedAt,
      capacity,
    ]),
    [
      ['36255', 7, 5, 13, false, null, 21],
      ['9223372036854775807', 1, 0, 34, true, seconds * 1000, 0],
    ],
  )
  assert.deepEqual(await odditiesOf('paris', 'station_status'), {
    'last-reported-implausible': 1,
    'last-updated-under-another-name': 1,
    'numeric-station-id': 2,
  })
  assert.deepEqual(await odditiesOf('paris', 'station_information'), {
    'capacity-zero': 1,
    'last-updated-under-another-name': 1,
    'numeric-station-id': 2,
  })
})

test('what is odd in a feed of 3.0 is understood or left out, and counted', async () => {
  assert.deepEqual(
    (await statusOf('lund')).map(({ stationId, bikes, docks, isRenting, capacity }) => [
      stationId,
      bikes,
      docks,
      isRenting,
      capacity,
    ]),
    [
      ['a', 2, 8, false, 10],
      ['b', 3, null, true, null],
    ],
  )
  assert.deepEqual(await odditiesOf('lund', 'station_status'), {
    'boolean-as-text': 2,
    'boolean-missing': 7,
    'count-negative': 1,
    'counts-of-another-version': 2,
    'docks-missing': 1,
    'duplicate-station': 1,
    'last-reported-missing': 2,
    'number-as-text': 2,
  })
  assert.deepEqual(await odditiesOf('lund', 'station_information'), {
    'capacity-implausible': 1,
    'name-of-another-version': 1,
  })
  const names = (await readValues(stack.kafka, topics.stationInformation))
    .filter(({ systemId }) => systemId === 'lund')
    .map(({ name }) => name)
  assert.deepEqual(names, ['Hamnen', 'Torget'])
})
