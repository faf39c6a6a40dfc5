import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../simulated-clock.ts'
import { type Answer, problem } from './answer.ts'
import { type Faults, SLOW_MS } from './faults.ts'
import { sendAnswer } from './send-answer.ts'

export interface ServeOptions {
  port: number
  clock: Clock
  gbfs: (path: string, at: number) => Answer | null
  weather: (path: string, query: URLSearchParams, at: number) => Answer | null
  faults: () => Faults
  /** The moment at which the feed was frozen; asked for only while it is. */
  frozenAt: () => number
  onError: (error: unknown) => void
}

export interface Serving {
  port: number
  stop: () => Promise<void>
}

/** A request with this header is answered as of that moment (ISO 8601) instead of now. */
export const AS_OF_HEADER = 'velocast-at'
const GBFS_FOLDER = '/gbfs/'

/** Listens on the loopback; port 0 takes any free one. */
export const serve = async (options: ServeOptions): Promise<Serving> => {
  const waiting = new Set<NodeJS.Timeout>()
  const server = createServer((request, response) => {
    try {
      handle(options, request, response, waiting)
    } catch (error) {
      options.onError(error)
      sendAnswer(request, response, problem(500, 'The simulator failed; its log says why.'))
    }
  })
  await listen(server, options.port)
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      for (const timer of waiting) clearTimeout(timer)
      return new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      })
    },
  }
}

const handle = (
  options: ServeOptions,
  request: IncomingMessage,
  response: ServerResponse,
  waiting: Set<NodeJS.Timeout>,
): void => {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendAnswer(request, response, problem(405, 'Only GET is answered.', { allow: 'GET, HEAD' }))
    return
  }
  const at = momentAsked(request, options.clock)
  if (at === null) {
    sendAnswer(
      request,
      response,
      problem(400, `The header ${AS_OF_HEADER} is not an ISO 8601 moment, such as 2026-03-29T08:00:00Z.`),
    )
    return
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const isFeed = pathname.startsWith(GBFS_FOLDER)
  const fault = isFeed ? options.faults().feed : options.faults().weather
  const knownAt = fault === 'frozen' ? Math.min(at, options.frozenAt()) : at
  const answer =
    fault === 'down'
      ? problem(503, 'Out of order, as it was told to be.')
      : ((isFeed
          ? options.gbfs(pathname.slice(GBFS_FOLDER.length), knownAt)
          : options.weather(pathname, searchParams, knownAt)) ??
        problem(404, `Nothing is served at ${pathname}; /gbfs/gbfs.json names the feeds.`))
  if (fault === 'slow') {
    const timer = setTimeout(() => {
      waiting.delete(timer)
      sendAnswer(request, response, answer)
    }, SLOW_MS)
    waiting.add(timer)
    response.on('close', () => clearTimeout(timer))
    return
  }
  sendAnswer(request, response, fault === 'garbage' ? spoiled(answer) : answer)
}

const momentAsked = (request: IncomingMessage, clock: Clock): number | null => {
  const asked = request.headers[AS_OF_HEADER]
  if (asked === undefined) return clock.now()
  const at = Date.parse(String(asked))
  return Number.isNaN(at) ? null : at
}

/** The first half of a document, as a proxy that gave up half-way would send it. */
const spoiled = (answer: Answer): Answer => {
  const text = JSON.stringify(answer.body)
  return { ...answer, body: text.slice(0, Math.ceil(text.length / 2)) }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is taken by another process; give the simulator another one.`, {
              cause: error,
            })
          : error,
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
