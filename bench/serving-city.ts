/**
 * The whole of a large city from one predictor process: every station's next 24 hours, streamed. How long it takes, of the
 * processor too, and until the first bytes; how quickly /health/live answers meanwhile; how late the event loop runs; and
 * how much memory the process has, and how long it took to be ready from its disk.
 *
 *   node bench/serving-city.ts [--json] [--stations 2400] [--bundle folder]
 *
 * Baseline: the same answer's bytes as a constant, by the load it is for a client to read them.
 */
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fillDisk, startForecastServer } from './forecast-server.ts'
import { connect } from './http-load.ts'
import { benchSystem } from './known-city.ts'
import { startOnOneCore } from './one-core.ts'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    stations: { type: 'string', default: '2400' },
    bundle: { type: 'string' },
  },
})

/** Reads an answer to its end. */
const read = async (url: string) => {
  const beganAt = performance.now()
  const response = await fetch(url)
  let firstMs: number | null = null
  const pieces: Uint8Array[] = []
  for await (const piece of response.body!) {
    firstMs ??= performance.now() - beganAt
    pieces.push(piece)
  }
  const body = Buffer.concat(pieces)
  return { status: response.status, firstMs: firstMs ?? Number.NaN, ms: performance.now() - beganAt, body }
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN
const rounded = (value: number): number => Math.round(value * 10) / 10

const folder = await fillDisk({ stations: Number(args.stations), days: 2, bundle: args.bundle })
// What a first start leaves on the disk is there at each further one.
await (await startForecastServer(folder)).close()
const [server, isOnOneCore] = await startOnOneCore(() => startForecastServer(folder))
try {
  const base = `http://127.0.0.1:${server.port}`
  const path = `/v1/systems/${benchSystem.systemId}/forecast?hours=24`
  await read(`${base}${path}&station=station-0`)
  const before = await server.watch()
  const liveMs: number[] = []
  let isOver = false
  const probing = (async () => {
    const connection = await connect(server.port)
    while (!isOver) {
      const beganAt = performance.now()
      const status = await connection.ask('/health/live')
      if (status !== 200) throw new Error(`/health/live answered ${status}`)
      liveMs.push(performance.now() - beganAt)
      await sleep(5)
    }
    connection.close()
  })()
  const city = await read(base + path)
  isOver = true
  await probing
  const after = await server.usage()
  const { stations } = JSON.parse(city.body.toString('utf8'))

  const constant = createServer((_request, response) => response.end(city.body))
  await new Promise<void>((resolve) => constant.listen(0, '127.0.0.1', resolve))
  const bare = await read(`http://127.0.0.1:${(constant.address() as { port: number }).port}`)
  constant.close()

  const result = {
    name: 'serving-city',
    model: args.bundle ?? 'random trees',
    isOnOneCore,
    stations: stations.length,
    megabytes: rounded(city.body.length / 1e6),
    seconds: rounded(city.ms / 1000),
    cpuSeconds: rounded(after.cpuSeconds - before.cpuSeconds),
    firstBytesMs: rounded(city.firstMs),
    liveP99Ms: rounded(quantile(liveMs, 0.99)),
    probes: liveMs.length,
    loopDelayP99Ms: rounded(after.loopDelayP99Ms),
    rssMb: rounded(after.rssMb),
    readyMs: rounded(server.readyMs),
    constantSeconds: rounded(bare.ms / 1000),
  }
  if (args.json) console.log(JSON.stringify(result))
  else
    console.log(
      `${result.stations} stations × 24 h${isOnOneCore ? ', the server on a core of its own' : ''}, ${result.megabytes} MB: ${result.seconds} s, ${result.cpuSeconds} s of processor (a constant: ${result.constantSeconds} s), first bytes after ${result.firstBytesMs} ms; /health/live p99 ${result.liveP99Ms} ms of ${result.probes}; event loop p99 ${result.loopDelayP99Ms} ms late; ${result.rssMb} MB; ready from its disk in ${result.readyMs} ms`,
    )
} finally {
  await server.close()
  await rm(folder, { recursive: true, force: true })
}
