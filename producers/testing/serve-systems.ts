/** Many operators on one host over real HTTP, some of them troublesome, for this package's tests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What `station_status` of an operator does; the rest of the feed is in order. */
export type Trouble = 'none' | 'hangs' | 'garbage' | 'huge' | 'redirects in circles' | 'wants a key'

export interface ServedSystems {
  address: string
  /** Requests for a status that are waiting for their answer. */
  hanging: () => number
  /** What hangs is answered with the end of the connection. */
  close: () => Promise<void>
}

/** Recent: the broker deletes what is older than its topic keeps, at a moment of its own choice. */
const STATUS_SECONDS = Math.floor(Date.now() / 1000) - 60
const HUGE_BYTES = 10 * 1024 * 1024

/** Feeds are at `/<system>/gbfs`; `troubleOf` says what is with a system. */
export const serveSystems = async ({
  stations,
  key,
  troubleOf,
}: {
  stations: number
  /** What systems that want one expect in the header `x-key`. */
  key: string
  troubleOf: (systemId: string) => Trouble
}): Promise<ServedSystems> => {
  const open = new Set<ServerResponse>()
  const status = JSON.stringify(statusOf(stations))
  // Valid, and 500 stations like the others: what makes it huge is beside them.
  const huge = JSON.stringify({ ...statusOf(stations), attribution: 'x'.repeat(HUGE_BYTES) })
  const information = JSON.stringify(informationOf(stations))
  let address = ''

  const answerStatus = (request: IncomingMessage, response: ServerResponse, systemId: string): unknown => {
    switch (troubleOf(systemId)) {
      case 'hangs':
        open.add(response)
        return response.once('close', () => open.delete(response))
      case 'garbage':
        return response.end('{"data":{"stations":[')
      case 'huge':
        return response.end(huge)
      case 'redirects in circles':
        return response.writeHead(302, { location: request.url }).end()
      case 'wants a key':
        return request.headers['x-key'] === key
          ? response.end(status)
          : response.writeHead(401).end(`{"message":"${String(request.headers['x-key'])} is not known"}`)
      default:
        return response.end(status)
    }
  }
  const server = createServer((request, response) => {
    const [, systemId = '', feed] = new URL(request.url ?? '/', 'http://localhost').pathname.split('/')
    if (feed === 'station_status') return void answerStatus(request, response, systemId)
    if (feed === 'gbfs') return void response.end(JSON.stringify(discoveryOf(`${address}/${systemId}`)))
    if (feed === 'station_information') return void response.end(information)
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    hanging: () => open.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** An entry of the systems file. */
export const systemAt = (address: string, systemId: string): Record<string, unknown> => ({
  systemId,
  modelName: systemId,
  gbfs: `${address}/${systemId}/gbfs`,
  timeZone: 'Europe/Berlin',
  country: 'DE',
  latitude: 52.5,
  longitude: 13.4,
  weather: { provider: 'open-meteo', address },
})

const idsOf = (stations: number): string[] => Array.from({ length: stations }, (_, index) => `s${index}`)

const discoveryOf = (address: string) => ({
  last_updated: STATUS_SECONDS,
  ttl: 60,
  data: {
    feeds: ['station_status', 'station_information'].map((name) => ({ name, url: `${address}/${name}` })),
  },
})

const informationOf = (stations: number) => ({
  last_updated: STATUS_SECONDS,
  ttl: 60,
  data: {
    stations: idsOf(stations).map((id, index) => ({
      station_id: id,
      name: id,
      lat: 52.5 + index / 10_000,
      lon: 13.4,
      capacity: 20,
    })),
  },
})

const statusOf = (stations: number) => ({
  last_updated: STATUS_SECONDS,
  ttl: 60,
  data: {
    stations: idsOf(stations).map((id, index) => ({
      station_id: id,
      num_bikes_available: index % 15,
      num_docks_available: 5,
      is_installed: true,
      is_renting: true,
      is_returning: true,
      last_reported: STATUS_SECONDS,
    })),
  },
})
