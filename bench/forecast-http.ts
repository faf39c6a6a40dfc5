/**
 * Forecasts of 24 hours over HTTP from one predictor process, each answer scored, and then kept as written: requests a second and latency at full
 * load, at 80 % of it, and at 800 a second (80 % of what is asked for), from another process. Baselines of the same run:
 * bare Fastify with a constant answer of the same size, and bare Fastify that runs the same graph once on 24 rows.
 *
 *   node bench/forecast-http.ts [--json] [--seconds 5] [--trees 150] [--bundle folder]
 *
 * Without a bundle the graph is made of random trees of the product's size. Latency counts from the moment a request was
 * due, so a stall is felt by all who wait; the constant answer's latency is what the machine itself adds.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  buildServer,
  createKnowledge,
  createModelHolder,
  createPredictor,
  createTelemetry,
  forecastTargets,
  type ServingModel,
} from '@velocast/api'
import { createSystemHistory, vectorFeatureNames } from '@velocast/features'
import { type Bundle, openBundle, openScoringThread, writeModelRows } from '@velocast/inference'
import { makeBundle } from '@velocast/inference/testing'
import { createLogger, parseSystems } from '@velocast/runtime'
import { generateStatus, generateWeather } from '@velocast/testkit'
import { fastify } from 'fastify'
import { Registry } from 'prom-client'
import { closedLoad, openLoad } from './http-load.ts'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
    trees: { type: 'string', default: '150' },
    bundle: { type: 'string' },
    serve: { type: 'string' },
  },
})

const STATIONS = 200
const CONNECTIONS = 16
const systemId = 'bench-city'
const stationIds = Array.from({ length: STATIONS }, (_, index) => `station-${index}`)

const openModel = async (openScorer?: typeof openScoringThread): Promise<Bundle> => {
  const made = makeBundle({ trees: Number(args.trees), leaves: 63, leafSpread: 0.05 })
  const folder = args.bundle
  const read = folder ? (path: string) => readFile(join(folder, path)) : made.read
  const manifestSha256 = folder ? await sha256Of(await read('manifest.json')) : made.manifestSha256
  const opened = await openBundle({ read, manifestSha256, ...(openScorer && { openScorer }) })
  if (!opened.ok) throw new Error(`the bundle was refused: ${opened.reason}: ${opened.detail}`)
  return opened.bundle
}

const sha256Of = async (content: Buffer): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(content))).toString('hex')

/** Eight days of a generated city, so that every feature has a value. */
const generateKnowledge = () => {
  const [system] = parseSystems(
    {
      systems: [
        {
          systemId,
          gbfs: 'http://127.0.0.1',
          timeZone: 'Europe/Zurich',
          country: 'CH',
          latitude: 47,
          longitude: 8,
        },
      ],
    },
    'bench',
  )
  const knowledge = createKnowledge(system!)
  const history = createSystemHistory(system!)
  const sizes = { seed: 1, systemId, polls: 8 * 96 }
  for (const { observation, forecast } of generateWeather(sizes)) {
    history.applyWeather(observation)
    knowledge.takeWeather(forecast)
  }
  const vector = new Float32Array(vectorFeatureNames.length)
  let now = 0
  for (const status of generateStatus({ ...sizes, stations: STATIONS })) {
    history.observe(status, vector)
    knowledge.takeObservation(status)
    knowledge.takeVector({
      stationId: status.stationId,
      asOf: status.observedAt,
      polledAt: status.polledAt,
      vector,
    })
    now = status.observedAt + 60_000
  }
  return { knowledge, now }
}

const buildForecastServer = async (answerCacheBytes: number) => {
  const { knowledge, now } = generateKnowledge()
  const bundle = await openModel(openScoringThread)
  const holder = createModelHolder<ServingModel>(async () => {})
  const { manifest, manifestSha256 } = bundle
  await holder.swap({
    bundle,
    loadedAt: now,
    promotion: {
      systemId,
      modelName: manifest.modelName,
      modelVersion: '1',
      runId: null,
      triggerId: null,
      promotedAt: now,
      artifactUri: '',
      manifestSha256,
      features: manifest.features,
      fingerprint: manifest.fingerprint,
      previousVersion: null,
      reason: 'benchmark',
      metrics: {},
    },
  })
  const log = createLogger('bench', 'silent')
  const metrics = new Registry()
  const predictor = createPredictor(
    new Map([[systemId, { knowledge, holder }]]),
    { now: () => now },
    3_600_000,
  )
  return buildServer({
    predictor,
    metrics,
    telemetry: createTelemetry(log, metrics),
    log,
    version: 'bench',
    answerCacheBytes,
  })
}

const servers: Record<
  string,
  () => Promise<{ listen: (options: { port: number; host: string }) => Promise<string> }>
> = {
  forecast: () => buildForecastServer(0),
  kept: () => buildForecastServer(48 * 2 ** 20),
  constant: async () => {
    const forecasts = await buildForecastServer(0)
    const { body } = await forecasts.inject({ url: pathOf(0) })
    await forecasts.close()
    const app = fastify()
    app.get('/*', async (_request, reply) => reply.type('application/json').send(body))
    return app
  },
  session: async () => {
    const { scorer, columns } = await openModel()
    const { knowledge } = generateKnowledge()
    const rowsOfStations = stationIds.map((stationId) => {
      const { vector, asOf } = knowledge.vectors.get(stationId)!
      const rows = new Float32Array(24 * columns.count)
      const targets = forecastTargets(asOf, asOf, 24)
      writeModelRows(
        columns,
        {
          vector,
          asOf,
          targets,
          weatherForecast: null,
          calendar: knowledge.calendar,
          past: knowledge.past.of(stationId),
        },
        rows,
      )
      return rows
    })
    let next = 0
    const app = fastify()
    app.get('/*', async () => {
      const rows = rowsOfStations[next++ % STATIONS]!
      return { bikes: (await scorer.score(rows, 24)).bikes_mean![0] }
    })
    return app
  },
}

const pathOf = (index: number): string =>
  `/v1/systems/${systemId}/stations/${stationIds[index % STATIONS]}/forecast?hours=24`

/** The child's side: serves, and answers `cpu` with the processor seconds it has used. */
const serve = async (kind: string): Promise<void> => {
  const app = await servers[kind]!()
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send!({ cpuSeconds: (user + system) / 1e6, rssMb: process.memoryUsage.rss() / 2 ** 20 })
  })
  process.on('disconnect', () => process.exit(0))
  process.send!({ port: Number(new URL(address).port) })
}

const measure = async (kind: string) => {
  const child = fork(import.meta.filename, [...process.argv.slice(2), '--serve', kind])
  const next = async <T>(): Promise<T> => (await once(child, 'message'))[0] as T
  const usage = (): Promise<{ cpuSeconds: number; rssMb: number }> => {
    child.send('cpu')
    return next()
  }
  try {
    const { port } = await next<{ port: number }>()
    const seconds = Number(args.seconds)
    const load = { port, pathOf, connections: CONNECTIONS }
    await closedLoad({ ...load, seconds: 2 })
    const before = await usage()
    const full = await closedLoad({ ...load, seconds })
    const after = await usage()
    const cpuMs = ((after.cpuSeconds - before.cpuSeconds) / full.answered) * 1000
    const at80 = await openLoad({ ...load, seconds, ratePerSecond: 0.8 * full.perSecond })
    const at800 = await openLoad({ ...load, seconds, ratePerSecond: 800 })
    return { server: kind, full, at80, at800, cpuMsPerRequest: round(cpuMs), rssMb: round(after.rssMb) }
  } finally {
    child.disconnect()
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000

if (args.serve) await serve(args.serve)
else {
  const results = []
  for (const kind of ['constant', 'session', 'forecast', 'kept']) results.push(await measure(kind))
  const [constant, session, forecast, kept] = results as [Row, Row, Row, Row]
  const result = {
    name: 'forecast-http',
    model: args.bundle ?? `7 outputs of ${args.trees} random trees, 63 leaves`,
    servers: results,
    ratioToConstant: round(forecast.full.perSecond / constant.full.perSecond),
    ratioToSession: round(forecast.full.perSecond / session.full.perSecond),
    keptToConstant: round(kept.full.perSecond / constant.full.perSecond),
  }
  if (args.json) console.log(JSON.stringify(result))
  else printTable(result)
}

type Row = Awaited<ReturnType<typeof measure>>

function printTable({
  model,
  servers,
  ratioToSession,
  keptToConstant,
}: {
  model: string
  servers: Row[]
  ratioToSession: number
  keptToConstant: number
}) {
  console.log(`24 h forecasts over HTTP, one process; ${model}; ${CONNECTIONS} connections`)
  console.log(
    'server     req/s   p50 ms   p99 ms | 80 %: req/s  p50 ms   p99 ms | 800/s: p50   p99 ms | CPU ms/req  RSS MB  failed',
  )
  for (const { server, full, at80, at800, cpuMsPerRequest, rssMb } of servers)
    console.log(
      [
        server.padEnd(9),
        full.perSecond.toFixed(0).padStart(6),
        full.p50Ms.toFixed(2).padStart(8),
        full.p99Ms.toFixed(2).padStart(8),
        '|',
        at80.perSecond.toFixed(0).padStart(11),
        at80.p50Ms.toFixed(2).padStart(7),
        at80.p99Ms.toFixed(2).padStart(8),
        '|',
        at800.p50Ms.toFixed(2).padStart(10),
        at800.p99Ms.toFixed(2).padStart(8),
        '|',
        cpuMsPerRequest.toFixed(3).padStart(10),
        rssMb.toFixed(0).padStart(7),
        String(full.failed + at80.failed + at800.failed).padStart(7),
      ].join(' '),
    )
  console.log(`forecast / session: ${ratioToSession}; kept / constant: ${keptToConstant}`)
}
