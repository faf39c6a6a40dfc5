/** A server whose answers a test writes, and a requester that asks it by a clock which only its waiting moves. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FeedError, type FeedFailure } from '../feed-error.ts'
import { createRequester, type RequesterOptions } from '../http/request-json.ts'

export type Route = (request: IncomingMessage, response: ServerResponse) => void

export const serveRoutes = async () => {
  const routes: Record<string, Route> = {}
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    asked.push(path)
    routes[path]?.(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    /** By path; what is asked besides gets no answer. */
    routes,
    /** Paths, in the order of the requests. */
    asked,
    requester: (options: Partial<RequesterOptions> = {}) => requesterOf(address, options),
    close: (): void => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const requesterOf = (address: string, options: Partial<RequesterOptions>) => {
  const waits: number[] = []
  let now = 1_000_000
  const ask = createRequester({
    fetch,
    clock: { now: () => now },
    random: () => 0.5,
    wait: async (ms) => {
      waits.push(ms)
      now += ms
    },
    signal: new AbortController().signal,
    budgetMs: 60_000,
    timeoutMs: 5_000,
    attempts: 3,
    ...options,
  })
  return {
    waits,
    ask,
    request: (path: string) => ask(`${address}${path}`, { at: now }),
    passTime: (ms: number): void => {
      now += ms
    },
  }
}

export const failsWith =
  (failure: FeedFailure) =>
  (error: unknown): boolean =>
    error instanceof FeedError && error.failure === failure
