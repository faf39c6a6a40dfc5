/** An operator and a weather service over real HTTP, for this package's tests: three stations whose counts follow the clock. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseSystems, type System } from '@velocast/runtime'

const HOUR_SECONDS = 3600
export const STATION_IDS = ['harbour', 'market', 'station']

export interface Operator {
  address: string
  /** A system of the systems file that follows it. */
  system: System
  /** Requests so far, by the last part of the path. */
  asked: (path: string) => number
  /** What `station_status` does from now on. */
  setStatus: (how: 'live' | 'down' | 'garbage' | { frozenAt: number }) => void
  close: () => Promise<void>
}

/** Answers as of the header `velocast-at`, or as of now; a new snapshot every second. */
export const serveOperator = async (): Promise<Operator> => {
  let status: 'live' | 'down' | 'garbage' | { frozenAt: number } = 'live'
  const counts = new Map<string, number>()
  let address = ''

  const answerTo = (path: string, at: number): [code: number, body: unknown] => {
    if (path === 'gbfs') return [200, discovery(address)]
    if (path === 'station_information') return [200, information()]
    if (path === 'forecast') return [200, weather(at)]
    if (path !== 'station_status') return [404, { message: 'not here' }]
    if (status === 'down') return [503, { message: 'out of order' }]
    if (status === 'garbage') return [200, '{"data":{"stations":[']
    return [200, statusAt(typeof status === 'object' ? status.frozenAt : at)]
  }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.split('/').at(-1) ?? ''
    counts.set(path, (counts.get(path) ?? 0) + 1)
    const asked = request.headers['velocast-at']
    const [code, body] = answerTo(path, asked === undefined ? Date.now() : Date.parse(String(asked)))
    response.writeHead(code, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [system] = parseSystems(
    {
      systems: [
        {
          systemId: 'test-city',
          gbfs: `${address}/gbfs`,
          timeZone: 'Europe/Berlin',
          country: 'DE',
          latitude: 52.5,
          longitude: 13.4,
          weather: { provider: 'open-meteo', address },
        },
      ],
    },
    'the test',
  )
  return {
    address,
    system: system!,
    asked: (path) => counts.get(path) ?? 0,
    setStatus: (how) => {
      status = how
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const discovery = (address: string) => ({
  last_updated: 1_700_000_000,
  data: {
    feeds: ['station_status', 'station_information'].map((name) => ({ name, url: `${address}/${name}` })),
  },
})

const information = () => ({
  last_updated: 1_700_000_000,
  data: {
    stations: STATION_IDS.map((id, index) => ({
      station_id: id,
      name: id,
      lat: 52.5 + index / 100,
      lon: 13.4,
      capacity: 20,
    })),
  },
})

const statusAt = (at: number) => {
  const seconds = Math.floor(at / 1000)
  return {
    last_updated: seconds,
    data: {
      stations: STATION_IDS.map((id, index) => ({
        station_id: id,
        num_bikes_available: (Math.floor(seconds / 60) + index) % 20,
        num_docks_available: 5,
        last_reported: seconds,
      })),
    },
  }
}

const weather = (at: number) => {
  const hour = Math.floor(at / 1000 / HOUR_SECONDS) * HOUR_SECONDS
  const time = Array.from({ length: 48 }, (_, index) => hour + index * HOUR_SECONDS)
  return {
    utc_offset_seconds: 0,
    current_units: { temperature_2m: '°C' },
    current: { time: Math.floor(at / 1000 / 900) * 900, temperature_2m: 10, weather_code: 3 },
    hourly_units: { temperature_2m: '°C' },
    hourly: { time, temperature_2m: time.map(() => 10) },
  }
}
