/**
 * Answers over HTTP from one predictor process: forecasts of 24 hours, each scored, with one mean alone (of departures: of the
 * bikes there is none without its quantiles), with everything, and then kept as written; the contract's
 * `POST /predict`, and batches of 100. Requests a second and latency at full load, and latency at 80 % of what is asked for, from
 * another process on another core. Baselines of the same run: bare Fastify with a constant
 * answer of a forecast's size, asked in turn with each server, and bare Fastify that runs the same graph by ONNX Runtime once on 24 rows, for the mean.
 *
 *   node bench/forecast-http.ts [--json] [--seconds 3] [--stations 500] [--bundle folder] [--servers constant,session,…] [--reference 39800]
 *
 * Without a bundle the graph is made of random trees of the product's size. Latency counts from the moment a request was
 * due, so a stall is felt by all who wait; it is the median of five times `--seconds`, since a machine that others use stands still at
 * times for as long as dozens of answers take. What the machine itself adds is the latency of the constant answer at the same rate, on
 * the same core, between those five times. 32 connections, stations in no order.
 *
 * What is asked for as a number, and not as a share of a baseline, was asked for on a machine on which the constant answer reaches
 * `--reference` a second. On a slower one it is a larger part of what the core can do, so latency is measured once more at the same part of
 * it; and each millisecond that was asked for there is as many more here: `there` is what p99 would have been. How fast the machine is
 * is asked before each time, since machines that others use change by the minute.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createKnowledge, forecastTargets, openReplicaDisk, restoreKnowledge } from '@velocast/api'
import { modelColumnsOf, writeModelRows } from '@velocast/inference'
import { fastify } from 'fastify'
import { fillDisk, forecastPath, type ServerUsage, startForecastServer } from './forecast-server.ts'
import { forkServer } from './fork-server.ts'
import { closedLoad, type LoadOptions, type LoadResult, openLoad } from './http-load.ts'
import { benchSystem, stationOf } from './known-city.ts'
import { medianOf } from './median.ts'
import { startOnOneCore } from './one-core.ts'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    stations: { type: 'string', default: '500' },
    bundle: { type: 'string' },
    servers: { type: 'string', default: 'constant,session,mean,forecast,kept,predict,batch' },
    reference: { type: 'string', default: '39800' },
    serve: { type: 'string' },
    folder: { type: 'string' },
  },
})

const STATIONS = Number(args.stations)
const CONNECTIONS = 32
const BATCH = 100
/** The share of what is asked for at which latency is measured. */
const STEADY_SHARE = 0.8
const STEADY_TIMES = 5
/** Of a server at full load and the constant answer, in turn. */
const FULL_TIMES = 9
/** What is asked for a second, whatever the baselines reach. */
const ASKED_PER_SECOND: Readonly<Record<string, number>> = { forecast: 1_000, predict: 3_000, batch: 12.5 }
const rounded = (value: number): number => Math.round(value * 1000) / 1000

interface Served {
  port: number
  usage: () => Promise<Pick<ServerUsage, 'cpuSeconds' | 'rssMb'> & Partial<ServerUsage>>
  watch: Served['usage']
  close: () => Promise<void>
}

/** The baselines' side: serves, and answers a message with the processor seconds it has used. */
const serve = async (kind: string, folder: string): Promise<void> => {
  const app =
    kind === 'constant'
      ? constantServer(await readFile(join(folder, 'body.json')))
      : await sessionServer(folder)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send!({ cpuSeconds: (user + system) / 1e6, rssMb: process.memoryUsage.rss() / 2 ** 20 })
  })
  process.on('disconnect', () => process.exit(0))
  process.send!({ port: Number(new URL(address).port) })
}

const constantServer = (body: Buffer) => {
  const app = fastify()
  app.get('/*', async (_request, reply) => reply.type('application/json').send(body))
  return app
}

const sessionServer = async (folder: string) => {
  const disk = openReplicaDisk(folder, benchSystem.systemId)
  const { manifestSha256, features } = (await disk.readPromotion())!
  const { openSession } = await import('@velocast/inference/testing')
  const session = await openSession(await readFile(join(disk.bundles.folderOf(manifestSha256), 'model.onnx')))
  const columns = modelColumnsOf(features)
  const knowledge = createKnowledge(benchSystem)
  restoreKnowledge((await disk.readSnapshot())!, knowledge)
  const rowsOfStations = Array.from({ length: STATIONS }, (_, index) => {
    const { vector, asOf } = knowledge.vectors.get(stationOf(index))!
    const rows = new Float32Array(24 * columns.count)
    const past = knowledge.past.of(stationOf(index))
    const targets = forecastTargets(asOf, asOf, 24)
    const { calendar } = knowledge
    writeModelRows(columns, { vector, asOf, targets, weatherForecast: null, calendar, past }, rows)
    return rows
  })
  let next = 0
  const app = fastify()
  app.get('/*', async () => {
    const rows = rowsOfStations[next++ % STATIONS]!
    return { bikes: [...(await session.score(rows, 24, ['bikes_mean'])).bikes_mean!] }
  })
  return app
}

const startBaseline = async (kind: string, folder: string): Promise<Served> => {
  const words = ['--serve', kind, '--folder', folder, '--stations', args.stations]
  const { port, ask, close } = await forkServer(import.meta.filename, words)
  const usage: Served['usage'] = () => ask('usage')
  return { port, usage, watch: usage, close }
}

/** What a kept answer is to reach of the constant one. */
const KEPT_SHARE = 0.5

/** Requests a second that are asked of a server, some as a share of a baseline's at full load; null for what has no demand. */
const askedOf = (kind: string, fullPerSecond: ReadonlyMap<string, number>): number | null => {
  const shareOf = (baseline: string, share: number): number | null =>
    fullPerSecond.has(baseline) ? share * fullPerSecond.get(baseline)! : null
  switch (kind) {
    case 'mean':
      return shareOf('session', 0.7)
    case 'constant':
    case 'kept':
      return shareOf('constant', KEPT_SHARE)
    default:
      return ASKED_PER_SECOND[kind] ?? null
  }
}

/** A second, at full load, now: a machine that others use has another speed in a second. */
const measureShortly = async (load: Pick<LoadOptions, 'port' | 'pathOf' | 'bodyOf'>): Promise<number> =>
  (await closedLoad({ ...load, connections: CONNECTIONS, seconds: 0.5 })).perSecond

/** What the constant answer reaches. */
const measureConstant = ({ port }: Served): Promise<number> => measureShortly({ port, pathOf: () => '/' })

/** `fullPerSecond` is what the servers before have answered at full load; `constant` is asked beside each, on the same core. */
const measure = async (
  kind: string,
  folder: string,
  fullPerSecond: ReadonlyMap<string, number>,
  constant: Served,
) => {
  const isBaseline = kind === 'constant' || kind === 'session'
  const [server, isOnOneCore] = await startOnOneCore<Served>(() =>
    isBaseline
      ? startBaseline(kind, folder)
      : startForecastServer(folder, kind === 'kept' ? 48 * 2 ** 20 : 0),
  )
  try {
    const seconds = Number(args.seconds)
    const one = (index: number) => ({ station_id: stationOf((index * 7919) % STATIONS) })
    const load = {
      port: server.port,
      connections: CONNECTIONS,
      ...(kind === 'predict'
        ? { pathOf: () => '/predict', bodyOf: (index: number) => JSON.stringify(one(index)) }
        : kind === 'batch'
          ? {
              pathOf: () => '/predict/batch',
              bodyOf: (index: number) =>
                JSON.stringify({
                  predictions: Array.from({ length: BATCH }, (_, at) => one(index * BATCH + at)),
                }),
            }
          : {
              pathOf: (index: number) =>
                forecastPath(index, STATIONS) + (kind === 'mean' ? '&quantity=departures' : ''),
            }),
    }
    await closedLoad({ ...load, seconds: 2 })
    const before = await server.watch()
    const full = await closedLoad({ ...load, seconds })
    const after = await server.usage()
    const cpuMs = ((after.cpuSeconds - before.cpuSeconds) / full.answered) * 1000
    const constantPerSecond: number[] = []
    const ofConstantNow: number[] = []
    for (let time = 0; time < FULL_TIMES; time++) {
      constantPerSecond.push(await measureConstant(constant))
      ofConstantNow.push((await measureShortly(load)) / constantPerSecond.at(-1)!)
    }
    const known = new Map(fullPerSecond).set('constant', medianOf(constantPerSecond))
    const ratePerSecond = STEADY_SHARE * (askedOf(kind, known) ?? full.perSecond)
    const times: LoadResult[] = []
    const ofSamePart: LoadResult[] = []
    const speeds: number[] = []
    const there: number[] = []
    const ofConstant: LoadResult[] = []
    const steadily = { connections: CONNECTIONS, seconds, ratePerSecond, isServerElsewhere: isOnOneCore }
    for (let time = 0; time < STEADY_TIMES; time++) {
      const result = await openLoad({ ...load, ...steadily })
      times.push(result)
      // Of the machine now, beside the one that the demands were made on.
      const speed = Math.min(1, (await measureConstant(constant)) / Number(args.reference))
      speeds.push(speed)
      const atSamePart = { ...load, ...steadily, ratePerSecond: ratePerSecond * speed }
      // A share of what a baseline reaches is the same part of any machine.
      ofSamePart.push(kind in ASKED_PER_SECOND ? await openLoad(atSamePart) : result)
      there.push(ofSamePart.at(-1)!.p99Ms * speed)
      ofConstant.push(await openLoad({ ...steadily, port: constant.port, pathOf: () => '/' }))
    }
    const medianOfTimes = (of: (time: LoadResult) => number, all = times): number => medianOf(all.map(of))
    const steady = {
      failed: new Set([...times, ...ofSamePart]).values().reduce((sum, { failed }) => sum + failed, 0),
      p50Ms: medianOfTimes(({ p50Ms }) => p50Ms),
      p99Ms: medianOfTimes(({ p99Ms }) => p99Ms),
      p99MsOfEach: times.map(({ p99Ms }) => rounded(p99Ms)),
      constantP99Ms: medianOfTimes(({ p99Ms }) => p99Ms, ofConstant),
      speed: medianOf(speeds),
      samePartP99Ms: medianOfTimes(({ p99Ms }) => p99Ms, ofSamePart),
      thereP99Ms: medianOf(there),
    }
    return {
      server: kind,
      isOnOneCore,
      full,
      ofConstant: medianOf(ofConstantNow),
      ratePerSecond,
      steady,
      cpuMsPerRequest: rounded(cpuMs),
      rssMb: rounded(after.rssMb),
      loopDelayP99Ms: rounded(after.loopDelayP99Ms ?? Number.NaN),
    }
  } finally {
    await server.close()
  }
}

/** A forecast as it is answered, for the constant answer. */
const keepBody = async (folder: string): Promise<void> => {
  const server = await startForecastServer(folder)
  const response = await fetch(`http://127.0.0.1:${server.port}${forecastPath(0, STATIONS)}`)
  await writeFile(join(folder, 'body.json'), await response.text())
  await server.close()
}

type Row = Awaited<ReturnType<typeof measure>>

const printTable = (servers: readonly Row[], model: string, ratios: Record<string, number>): void => {
  console.log(
    `24 h forecasts over HTTP, one process${servers.every(({ isOnOneCore }) => isOnOneCore) ? ' on a core of its own' : ''}; ${model}; ${STATIONS} stations, ${CONNECTIONS} connections`,
  )
  console.log(
    'server     req/s  of constant   p50 ms   p99 ms | at req/s   p50 ms   p99 ms   constant |  speed | same part p99 ms  there | CPU ms/req  RSS MB  loop p99 ms  failed',
  )
  for (const {
    server,
    full,
    ofConstant,
    ratePerSecond,
    steady,
    cpuMsPerRequest,
    rssMb,
    loopDelayP99Ms,
  } of servers)
    console.log(
      [
        server.padEnd(9),
        full.perSecond.toFixed(0).padStart(6),
        ofConstant.toFixed(3).padStart(12),
        full.p50Ms.toFixed(2).padStart(8),
        full.p99Ms.toFixed(2).padStart(8),
        '|',
        ratePerSecond.toFixed(0).padStart(8),
        steady.p50Ms.toFixed(2).padStart(8),
        steady.p99Ms.toFixed(2).padStart(8),
        steady.constantP99Ms.toFixed(2).padStart(10),
        '|',
        steady.speed.toFixed(2).padStart(6),
        '|',
        steady.samePartP99Ms.toFixed(2).padStart(16),
        steady.thereP99Ms.toFixed(2).padStart(6),
        '|',
        cpuMsPerRequest.toFixed(3).padStart(10),
        rssMb.toFixed(0).padStart(7),
        loopDelayP99Ms.toFixed(2).padStart(12),
        String(full.failed + steady.failed).padStart(7),
      ].join(' '),
    )
  console.log(JSON.stringify(ratios))
}

if (args.serve) await serve(args.serve, args.folder!)
else {
  const folder = await fillDisk({ stations: STATIONS, bundle: args.bundle })
  try {
    await keepBody(folder)
    const [constant] = await startOnOneCore(() => startBaseline('constant', folder))
    await closedLoad({ port: constant.port, pathOf: () => '/', connections: CONNECTIONS, seconds: 2 })
    const servers: Row[] = []
    const fullPerSecond = new Map<string, number>()
    for (const kind of args.servers.split(',')) {
      const row = await measure(kind, folder, fullPerSecond, constant)
      servers.push(row)
      fullPerSecond.set(kind, row.full.perSecond)
    }
    await constant.close()
    const perSecondOf = (kind: string): number => fullPerSecond.get(kind) ?? Number.NaN
    const ofConstant = (kind: string): number =>
      rounded(servers.find(({ server }) => server === kind)?.ofConstant ?? Number.NaN)
    const ratios = {
      forecastToConstant: ofConstant('forecast'),
      meanToSession: rounded(perSecondOf('mean') / perSecondOf('session')),
      forecastToSession: rounded(perSecondOf('forecast') / perSecondOf('session')),
      keptToConstant: ofConstant('kept'),
    }
    const model = args.bundle ?? '8 outputs of 150 random trees, 63 leaves'
    if (args.json) console.log(JSON.stringify({ name: 'forecast-http', model, servers, ...ratios }))
    else printTable(servers, model, ratios)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
