/**
 * What a model costs whoever serves it: its bytes, opening it (checks, load, warm-up), 24 h of one station and of a whole city
 * with all that is forecast, on one thread and from what is known in memory.
 *
 *   node bench/bundle.ts [--json] [--bundle FOLDER] [--stations 2400] [--trees 150]
 *
 * FOLDER is that of a model: every backtest leaves one in `.velocast/backtest/<system>/out/bundle`. Without it the graph is made of
 * random trees of the product's size, which are deeper than those of a fit. The baseline of the same run is the graph alone
 * on the same rows: what is added to it are features of the target and calibration. Beside it the demand.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { forecastTargets } from '@velocast/api'
import { vectorFeatureNames } from '@velocast/features'
import {
  type Bundle,
  forecastStation,
  openBundle,
  type StationToForecast,
  writeModelRows,
} from '@velocast/inference'
import { makeBundle } from '@velocast/inference/testing'
import { generateKnowledge, stationOf } from './known-city.ts'
import { medianOf } from './median.ts'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    bundle: { type: 'string' },
    stations: { type: 'string', default: '2400' },
    trees: { type: 'string', default: '150' },
  },
})

const DEMANDS = { bundleMb: 60, openMs: 2_000, stationMs: 3, citySeconds: 8 }
const HOURS = 24
const WARM_UPS = 20
const OPENINGS = 3

const readerOf = async (): Promise<{ read: (path: string) => Promise<Buffer>; manifestSha256: string }> => {
  const folder = args.bundle
  if (!folder) return makeBundle({ trees: Number(args.trees), leaves: 63, leafSpread: 0.05 })
  const read = (path: string): Promise<Buffer> => readFile(join(folder, path))
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(await read('manifest.json')))
  return { read, manifestSha256: Buffer.from(digest).toString('hex') }
}

const open = async (reader: Awaited<ReturnType<typeof readerOf>>) => {
  let bytes = 0
  const opened = await openBundle({
    manifestSha256: reader.manifestSha256,
    async read(path) {
      const content = await reader.read(path)
      bytes += content.length
      return content
    },
  })
  if (!opened.ok) throw new Error(`the bundle was refused: ${opened.reason}: ${opened.detail}`)
  const { readMs, checkMs, warmUpMs } = opened.timings
  return { bundle: opened.bundle, bytes, openMs: readMs + checkMs + warmUpMs }
}

/** Every station as a predictor knows it, with a forecast of the weather. */
const knownStations = (): StationToForecast[] => {
  const stations = Number(args.stations)
  const knowledge = generateKnowledge({ stations })
  const weatherForecast = knowledge.weatherForecasts()[0] ?? null
  return Array.from({ length: stations }, (_, index) => {
    const stationId = stationOf(index)
    const known = knowledge.vectors.get(stationId)!
    return {
      vector: known.vector,
      asOf: known.asOf,
      targets: forecastTargets(known.asOf, known.asOf, HOURS),
      weatherForecast,
      calendar: knowledge.calendar,
      past: knowledge.past.of(stationId),
      capacity: known.vector[vectorFeatureNames.indexOf('capacity')]!,
    }
  })
}

/** Milliseconds of each station, one after another. */
const timeEach = async (
  stations: readonly StationToForecast[],
  work: (station: StationToForecast, index: number) => Promise<unknown>,
): Promise<number[]> => {
  for (const [index, station] of stations.slice(0, WARM_UPS).entries()) await work(station, index)
  const taken: number[] = []
  for (const [index, station] of stations.entries()) {
    const startedAt = performance.now()
    await work(station, index)
    taken.push(performance.now() - startedAt)
  }
  return taken
}

const rowsOf = ({ columns }: Bundle, station: StationToForecast): Float32Array => {
  const rows = new Float32Array(HOURS * columns.count)
  writeModelRows(columns, station, rows)
  return rows
}

const secondsOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / 1000
const round = (value: number): number => Math.round(value * 1000) / 1000

const reader = await readerOf()
const openings = []
for (let turn = 0; turn < OPENINGS; turn++) {
  const opened = await open(reader)
  openings.push(opened.openMs)
  if (turn < OPENINGS - 1) await opened.bundle.release()
  else {
    const { bundle, bytes } = opened
    const stations = knownStations()
    const graph = stations.map((station) => rowsOf(bundle, station))
    const alone = await timeEach(stations, (_, index) => bundle.scorer.score(graph[index]!, HOURS))
    const whole = await timeEach(stations, (station) => forecastStation({ bundle, ...station }))
    await bundle.release()
    const measured = {
      bundleMb: bytes / 2 ** 20,
      // The first one: a process that has opened a model before has the library in memory.
      openMs: openings[0]!,
      stationMs: medianOf(whole),
      citySeconds: secondsOf(whole),
    }
    const result = {
      name: 'bundle',
      model:
        args.bundle ?? `${bundle.manifest.outputs.length} outputs of ${args.trees} random trees, 63 leaves`,
      stations: stations.length,
      ...Object.fromEntries(Object.entries(measured).map(([name, value]) => [name, round(value)])),
      graphAlone: { stationMs: round(medianOf(alone)), citySeconds: round(secondsOf(alone)) },
      ratioToGraph: round(secondsOf(whole) / secondsOf(alone)),
      demands: DEMANDS,
      isMet: Object.entries(DEMANDS).every(([name, most]) => measured[name as keyof typeof DEMANDS] <= most),
    }
    if (args.json) console.log(JSON.stringify(result))
    else
      console.log(
        [
          `${result.model}, on one thread, all that is forecast of 24 hours`,
          `bundle             ${measured.bundleMb.toFixed(1)} MB (at most ${DEMANDS.bundleMb})`,
          `load and warm-up   ${measured.openMs.toFixed(0)} ms (at most ${DEMANDS.openMs})`,
          `one station        ${measured.stationMs.toFixed(2)} ms (at most ${DEMANDS.stationMs}); the graph alone ${result.graphAlone.stationMs.toFixed(2)} ms`,
          `${result.stations} stations      ${measured.citySeconds.toFixed(2)} s (at most ${DEMANDS.citySeconds}); the graph alone ${result.graphAlone.citySeconds.toFixed(2)} s, ratio ${result.ratioToGraph}`,
          result.isMet ? 'all are met' : 'not all are met',
        ].join('\n'),
      )
  }
}
