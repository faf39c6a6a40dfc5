/**
 * Owns the process: configuration, signals, the order of start and stop, and the exit code.
 *
 * A service is a function that starts things and pushes what undoes them; on SIGTERM, SIGINT or a failure they are
 * undone in the opposite order. Exit codes: 0 stopped as asked, 1 a bug, 2 wrong configuration, 3 did not stop in time.
 */
import { createServer, type Server } from 'node:http'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Static, TObject } from 'typebox'
import { type Clock, systemClock } from './clock.ts'
import { createLogger, type Log } from './create-logger.ts'
import { ConfigError, loadConfig } from './load-config.ts'
import { openTracer } from './open-tracer.ts'
import type { Tracer } from './tracer.ts'

export interface ServiceContext<C> {
  config: C
  log: Log
  clock: Clock
  metrics: Registry
  /** Traces nothing unless OTEL_EXPORTER_OTLP_ENDPOINT names a collector. */
  tracer: Tracer
  /** Undone last-in-first-out when the service stops. */
  defer: (what: string, release: () => Promise<void> | void) => void
  /** `/health/ready` is 200 when every check says null, else 503 with what they say. */
  addReadyCheck: (name: string, check: () => string | null) => void
  /** `/health/live` is 200 while every check says null. Alive means making progress. */
  addLiveCheck: (name: string, check: () => string | null) => void
  /** Aborted when the service begins to stop. */
  signal: AbortSignal
  /** Ends the process with exit code 1: for bugs, and for states that a restart mends. */
  fail: (error: unknown) => void
}

/** What `configFragments.process` describes. */
interface ProcessConfig {
  LOG_LEVEL: string
  OPERATIONS_HOST: string
  OPERATIONS_PORT: number
  OTEL_EXPORTER_OTLP_ENDPOINT?: string
  OTEL_TRACES_SAMPLER_ARG: number
}

export interface Service<T extends TObject> {
  name: string
  config: T
  start: (context: ServiceContext<Static<T> & ProcessConfig>) => Promise<void>
}

const STOP_WITHIN_MS = 25_000

export const runService = async <T extends TObject>(
  service: Service<T>,
  process: NodeJS.Process,
): Promise<void> => {
  let config: Static<T> & ProcessConfig
  try {
    config = loadConfig(service.config, process.env) as typeof config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${service.name}: ${error.message}\n`)
    process.exitCode = 2
    return
  }
  const log = createLogger(service.name, config.LOG_LEVEL)
  const metrics = new Registry()
  metrics.setDefaultLabels({ service: service.name })
  collectDefaultMetrics({ register: metrics })
  const releasers: { what: string; release: () => Promise<void> | void }[] = []
  const checks = {
    ready: new Map<string, () => string | null>(),
    live: new Map<string, () => string | null>(),
  }
  const stopping = new AbortController()
  let isStarted = false

  const stop = async (why: string, exitCode: number): Promise<void> => {
    if (stopping.signal.aborted) return
    stopping.abort()
    log.info({ why }, 'stopping')
    const deadline = setTimeout(() => {
      log.fatal({ pending: releasers.map((each) => each.what) }, 'did not stop in time')
      process.exit(3)
    }, STOP_WITHIN_MS)
    for (let next = releasers.pop(); next; next = releasers.pop()) {
      try {
        await next.release()
      } catch (error) {
        log.error({ err: error, what: next.what }, 'could not be released')
      }
    }
    clearTimeout(deadline)
    log.info('stopped')
    process.exit(exitCode)
  }
  const fail = (error: unknown): void => {
    log.fatal({ err: error }, 'failed')
    void stop('failure', error instanceof ConfigError ? 2 : 1)
  }

  process.on('SIGTERM', () => void stop('SIGTERM', 0))
  process.on('SIGINT', () => void stop('SIGINT', 0))
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)

  try {
    checks.ready.set('start', () => (isStarted ? null : 'still starting'))
    checks.ready.set('stop', () => (stopping.signal.aborted ? 'stopping' : null))
    const operations = await listenForOperations(
      config.OPERATIONS_HOST,
      config.OPERATIONS_PORT,
      metrics,
      checks,
    )
    releasers.push({ what: 'operations server', release: () => closeServer(operations.server) })
    log.info({ address: operations.address }, 'metrics and health')
    const { tracer, close: closeTracer } = await openTracer({
      name: service.name,
      endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
      sampledShare: config.OTEL_TRACES_SAMPLER_ARG,
      log,
    })
    releasers.push({ what: 'tracer', release: closeTracer })
    await service.start({
      config,
      log,
      clock: systemClock,
      metrics,
      tracer,
      defer: (what, release) => releasers.push({ what, release }),
      addReadyCheck: (name, check) => checks.ready.set(name, check),
      addLiveCheck: (name, check) => checks.live.set(name, check),
      signal: stopping.signal,
      fail,
    })
    isStarted = true
    log.info('started')
  } catch (error) {
    fail(error)
  }
}

const listenForOperations = async (
  host: string,
  port: number,
  metrics: Registry,
  checks: Record<'ready' | 'live', Map<string, () => string | null>>,
): Promise<{ server: Server; address: string }> => {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type })
      response.end(body)
    }
    const health = (kind: 'ready' | 'live'): void => {
      const problems = [...checks[kind]].flatMap(([name, check]) => {
        const problem = check()
        return problem === null ? [] : [{ check: name, problem }]
      })
      const status =
        problems.length === 0
          ? kind === 'ready'
            ? 'ready'
            : 'alive'
          : `not ${kind === 'ready' ? 'ready' : 'alive'}`
      answer(problems.length === 0 ? 200 : 503, 'application/json', JSON.stringify({ status, problems }))
    }
    if (request.method !== 'GET') return answer(405, 'application/json', '{"detail":"only GET"}')
    if (request.url === '/health/ready') return health('ready')
    if (request.url === '/health/live') return health('live')
    if (request.url === '/metrics')
      return void metrics.metrics().then(
        (text) => answer(200, metrics.contentType, text),
        () => answer(500, 'application/json', '{"detail":"metrics could not be collected"}'),
      )
    answer(404, 'application/json', '{"detail":"there are /metrics, /health/live and /health/ready"}')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const boundPort = typeof address === 'object' && address ? address.port : port
  return { server, address: `http://${host}:${boundPort}` }
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
