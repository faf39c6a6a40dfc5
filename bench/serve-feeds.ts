/**
 * Operators over HTTP for poll-city, in a process of their own so that their work is not measured: `/<system>/gbfs.json`
 * and what it names. Each status that is asked for is a new one, 15 minutes after the last.
 *
 *   STATIONS=2400 node bench/serve-feeds.ts
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

const STATIONS = Number(process.env.STATIONS ?? '2400')
const STEP_SECONDS = 900
const KINDS = 20
const first = Math.floor(Date.now() / 1000 / STEP_SECONDS) * STEP_SECONDS - 60 * 86_400

const ids = Array.from({ length: STATIONS }, (_, index) => `66db${String(index).padStart(4, '0')}-0aca-11e7`)
const list = (updatedAt: number, stations: object[]): string =>
  JSON.stringify({ last_updated: updatedAt, ttl: 60, version: '2.3', data: { stations } })

const information = gzipSync(
  list(
    first,
    ids.map((station_id, index) => ({
      station_id,
      name: `Station ${index}`,
      short_name: String(index),
      lat: 40.6 + (index % 50) / 500,
      lon: -74 + Math.floor(index / 50) / 500,
      region_id: '71',
      capacity: 20 + (index % 30),
      rental_uris: {
        android: `https://bikes.example/${station_id}`,
        ios: `https://bikes.example/${station_id}`,
      },
    })),
  ),
)

/** As large operators publish it; of some kinds, so that consecutive ones differ. */
const status = (kind: number, updatedAt: number): string =>
  list(
    updatedAt,
    ids.map((station_id, index) => ({
      station_id,
      num_bikes_available: (index + kind) % 20,
      num_ebikes_available: index % 3 === 0 ? (index + kind) % 5 : 0,
      num_docks_available: 20 - ((index + kind) % 20),
      num_bikes_disabled: index % 4,
      num_docks_disabled: 0,
      is_installed: 1,
      is_renting: 1,
      is_returning: 1,
      last_reported: updatedAt - (index % 300),
      vehicle_types_available: [
        { vehicle_type_id: '1', count: (index + kind) % 20 },
        { vehicle_type_id: '2', count: 0 },
      ],
    })),
  )
const bodies = Array.from({ length: KINDS }, (_, kind) => status(kind, first))
const asked = new Map<string, number>()

const server = createServer((request, response) => {
  const [, systemId = '', feed] = (request.url ?? '/').split('/')
  response.setHeader('content-type', 'application/json')
  if (feed === 'gbfs.json') {
    const address = `http://${request.headers.host}/${systemId}`
    const feeds = ['station_status', 'station_information'].map((name) => ({
      name,
      url: `${address}/${name}`,
    }))
    return void response.end(
      JSON.stringify({ last_updated: first, ttl: 60, version: '2.3', data: { en: { feeds } } }),
    )
  }
  if (feed === 'station_information')
    return void response.setHeader('content-encoding', 'gzip').end(information)
  if (feed !== 'station_status') return void response.writeHead(404).end('{}')
  const count = (asked.get(systemId) ?? 0) + 1
  asked.set(systemId, count)
  const updatedAt = first + count * STEP_SECONDS
  response.end(bodies[count % KINDS]!.replace(`"last_updated":${first}`, `"last_updated":${updatedAt}`))
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ msg: 'listening', address: `http://127.0.0.1:${port}` })}\n`)
})
