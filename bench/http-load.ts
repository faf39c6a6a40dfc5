/** Puts load on an HTTP server over kept connections, one request at a time on each. */
import { createConnection } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

export interface LoadOptions {
  port: number
  pathOf: (index: number) => string
  /** A body makes it a POST of JSON. */
  bodyOf?: (index: number) => string
  connections: number
  seconds: number
}

export interface LoadResult {
  answered: number
  /** Answers other than 200. */
  failed: number
  perSecond: number
  p50Ms: number
  p99Ms: number
}

/** As fast as the connections allow: each asks again as soon as it has its answer. */
export const closedLoad = async ({
  port,
  pathOf,
  bodyOf,
  connections,
  seconds,
}: LoadOptions): Promise<LoadResult> => {
  const meter = createMeter()
  const deadline = performance.now() + seconds * 1000
  let index = 0
  const asking = Array.from({ length: connections }, async () => {
    const connection = await connect(port)
    while (performance.now() < deadline) {
      const dueAt = performance.now()
      const next = index++
      meter.answered(await connection.ask(pathOf(next), bodyOf?.(next)), dueAt)
    }
    connection.close()
  })
  await Promise.all(asking)
  return meter.result()
}

export interface OpenLoadOptions extends LoadOptions {
  ratePerSecond: number
  /** Where the server has a core of its own, nothing is gained by sleeping, and a timer is up to a millisecond late. */
  isServerElsewhere: boolean
}

/** Requests arrive at random moments at a rate of their own, whether or not the server keeps up. */
export const openLoad = async (options: OpenLoadOptions): Promise<LoadResult> => {
  const { port, pathOf, bodyOf, connections, seconds, ratePerSecond, isServerElsewhere } = options
  const free = await Promise.all(Array.from({ length: 4 * connections }, () => connect(port)))
  // A connection is open before the server has taken it: the first requests would wait for all that are taken.
  await Promise.all(free.map((connection) => connection.ask('/health/live')))
  const meter = createMeter()
  const waiting: { index: number; dueAt: number }[] = []
  const all = [...free]
  const drained = Promise.withResolvers<void>()
  let isOver = false

  const assign = (): void => {
    while (waiting.length > 0 && free.length > 0) {
      // In turn: the server closes one on which nothing is asked.
      const connection = free.shift()!
      const { index, dueAt } = waiting.shift()!
      connection.ask(pathOf(index), bodyOf?.(index)).then((status) => {
        meter.answered(status, dueAt)
        free.push(connection)
        assign()
        if (isOver && free.length === all.length) drained.resolve()
      }, drained.reject)
    }
  }

  let dueAt = performance.now()
  const end = dueAt + seconds * 1000
  for (let index = 0; dueAt < end; index++) {
    dueAt += (-Math.log(1 - Math.random()) / ratePerSecond) * 1000
    // Sleeping leaves the processor to the server; what a timer is late by counts as latency.
    for (let restMs = dueAt - performance.now(); restMs > 0; restMs = dueAt - performance.now())
      await (restMs > 1 && !isServerElsewhere ? sleep(1) : nextTurn())
    waiting.push({ index, dueAt })
    assign()
  }
  isOver = true
  if (free.length === all.length) drained.resolve()
  await drained.promise
  for (const connection of all) connection.close()
  return meter.result()
}

const createMeter = () => {
  const latenciesMs: number[] = []
  const startedAt = performance.now()
  let failed = 0
  return {
    answered(status: number, dueAt: number) {
      latenciesMs.push(performance.now() - dueAt)
      if (status !== 200) failed++
    },
    result(): LoadResult {
      const sorted = latenciesMs.toSorted((a, b) => a - b)
      const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
      const perSecond = sorted.length / ((performance.now() - startedAt) / 1000)
      return { answered: sorted.length, failed, perSecond, p50Ms: at(0.5), p99Ms: at(0.99) }
    },
  }
}

/** A client that reads no more of HTTP than it needs, so that it is not what is measured. */
export const connect = async (port: number) => {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
  let received = Buffer.alloc(0)
  let answer: PromiseWithResolvers<number> | null = null
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const head = received.indexOf('\r\n\r\n')
    if (head === -1) return
    const length = /content-length: (\d+)/i.exec(received.toString('latin1', 0, head))?.[1]
    if (received.length < head + 4 + Number(length)) return
    const status = Number(received.toString('latin1', 9, 12))
    received = Buffer.alloc(0)
    answer?.resolve(status)
  })
  socket.on('error', (error) => answer?.reject(error))
  socket.on('close', () =>
    answer?.reject(new Error('the server closed a connection that waits for an answer')),
  )
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return {
    ask(path: string, body?: string): Promise<number> {
      answer = Promise.withResolvers<number>()
      socket.write(
        body === undefined
          ? `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
          : `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
      return answer.promise
    },
    close: () => void socket.destroy(),
  }
}
