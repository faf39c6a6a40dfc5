/** The client package against a real server, over HTTP. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createVelocastClient, type VelocastClient } from '@velocast/client'
import { tableFromIPC } from 'apache-arrow'
import { openExampleServer } from './testing/example-city.ts'
import type { TestServer } from './testing/test-server.ts'

let server: TestServer
let client: VelocastClient
before(async () => {
  server = await openExampleServer()
  client = createVelocastClient({ baseUrl: await server.app.listen({ port: 0, host: '127.0.0.1' }) })
})
after(() => server.close())

const system = 'test-city'

test('a forecast is typed, and asked for by quantity', async () => {
  const { data, error } = await client.GET('/v1/systems/{system}/stations/{station}/forecast', {
    params: { path: { system, station: 'a' }, query: { hours: 3, quantity: ['bikes', 'bike_probability'] } },
  })
  assert.equal(error, undefined)
  const probabilities: (number | undefined)[] = data!.forecasts.map((point) => point.bike_probability)
  assert.equal(probabilities.length, 3)
  assert.equal(data!.forecasts[0]!.departures, undefined)
})

test('pages are walked by their cursor', async () => {
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const { data } = await client.GET('/v1/systems/{system}/stations', {
      params: { path: { system }, query: { limit: 2, ...(cursor && { cursor }) } },
    })
    seen.push(...data!.stations.map((station) => station.station_id))
    cursor = data!.next_cursor ?? undefined
  } while (cursor)
  assert.deepEqual(seen, ['a', 'b', 'c'])
})

test('what cannot be answered is a problem, not an exception', async () => {
  const { data, error, response } = await client.GET('/v1/systems/{system}/stations/{station}/state', {
    params: { path: { system, station: 'nowhere' } },
  })
  assert.equal(data, undefined)
  assert.equal(response.status, 404)
  assert.equal(error?.type, '/problems/unknown-station')
})

test('a whole system comes as Arrow', async () => {
  const { data } = await client.GET('/v1/systems/{system}/forecast', {
    params: { path: { system }, query: { hours: 2 } },
    headers: { accept: 'application/vnd.apache.arrow.stream' },
    parseAs: 'arrayBuffer',
  })
  assert.equal(tableFromIPC(new Uint8Array(data as ArrayBuffer)).numRows, 6)
})
