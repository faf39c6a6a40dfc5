/**
 * Promotions under load: forecasts of 24 h at a rate of their own while the model is swapped again and again, requests that
 * failed and latency beside that of the same load without swaps; then many more swaps, and what they leave in memory.
 *
 *   node bench/model-swaps.ts [--json] [--seconds 60] [--swaps 40] [--rate 1000] [--more 500] [--stations 500] [--bundle folder]
 *
 * Each swap is a promotion of another version: read from the disk, checked, warmed up, swapped, drained.
 */
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fillDisk, forecastPath, startForecastServer } from './forecast-server.ts'
import { openLoad } from './http-load.ts'
import { startOnOneCore } from './one-core.ts'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    swaps: { type: 'string', default: '40' },
    rate: { type: 'string', default: '1000' },
    more: { type: 'string', default: '500' },
    stations: { type: 'string', default: '500' },
    bundle: { type: 'string' },
  },
})
const STATIONS = Number(args.stations)
const rounded = (value: number): number => Math.round(value * 100) / 100

const folder = await fillDisk({ stations: STATIONS, days: 2, bundle: args.bundle })
const [server, isOnOneCore] = await startOnOneCore(() => startForecastServer(folder))
try {
  const seconds = Number(args.seconds)
  const load = {
    port: server.port,
    pathOf: (index: number) => forecastPath(index, STATIONS),
    connections: 32,
    ratePerSecond: Number(args.rate),
    isServerElsewhere: isOnOneCore,
  }
  await openLoad({ ...load, seconds: 5 })
  const without = await openLoad({ ...load, seconds: Math.min(seconds, 20) })
  const swapMs: number[] = []
  const swapping = (async () => {
    const everyMs = (seconds * 1000) / Number(args.swaps)
    for (let swap = 0; swap < Number(args.swaps); swap++) {
      const dueAt = performance.now() + everyMs
      swapMs.push(await server.swap())
      await sleep(Math.max(0, dueAt - performance.now()))
    }
  })()
  const [during] = await Promise.all([openLoad({ ...load, seconds }), swapping])
  const rssMb: Record<number, number> = {}
  for (let swap = 1; swap <= Number(args.more); swap++) {
    await server.swap()
    if (swap % 100 === 0) rssMb[swap] = Math.round((await server.usage()).rssMb)
  }
  const result = {
    name: 'model-swaps',
    model: args.bundle ?? 'random trees',
    isOnOneCore,
    ratePerSecond: Number(args.rate),
    swaps: swapMs.length,
    without: { answered: without.answered, failed: without.failed, p99Ms: rounded(without.p99Ms) },
    during: { answered: during.answered, failed: during.failed, p99Ms: rounded(during.p99Ms) },
    p99Ratio: rounded(during.p99Ms / without.p99Ms),
    swapMs: rounded(swapMs.reduce((sum, ms) => sum + ms, 0) / swapMs.length),
    rssMbAfterFurtherSwaps: rssMb,
  }
  if (args.json) console.log(JSON.stringify(result))
  else
    console.log(
      `${result.swaps} swaps in ${seconds} s at ${result.ratePerSecond}/s${isOnOneCore ? ', the server on a core of its own' : ''}: ${result.during.failed} of ${result.during.answered} failed, p99 ${result.during.p99Ms} ms (without: ${result.without.p99Ms} ms; ratio ${result.p99Ratio}); a swap takes ${result.swapMs} ms; MB after further swaps: ${JSON.stringify(rssMb)}`,
    )
} finally {
  await server.close()
  await rm(folder, { recursive: true, force: true })
}
