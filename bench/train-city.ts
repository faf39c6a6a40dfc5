/**
 * Trains on a generated city as a backtest does, all in this process and the trainer's, and prints what it took as a line of
 * JSON. `training.ts` starts one for each size, so that the largest memory of each is its own.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { StationStatus } from '@velocast/schemas'
import { generateStatus } from '@velocast/testkit'
import { type BacktestStage, runBacktest } from '@velocast/training'

const { values: args } = parseArgs({
  options: {
    stations: { type: 'string', default: '500' },
    days: { type: 'string', default: '60' },
    trees: { type: 'string', default: '300' },
    rows: { type: 'string', default: '1200000' },
    python: { type: 'string', default: 'python3' },
  },
})

const POLLS_A_DAY = 96
/** Scored in the end to see that a model came out, and no part of what is measured. */
const TEST_ROWS = 20_000
const systemId = 'generated-city'
const folder = mkdtempSync(join(tmpdir(), 'velocast-bench-'))

async function* polls(): AsyncGenerator<StationStatus[]> {
  const stations = Number(args.stations)
  let poll: StationStatus[] = []
  for (const status of generateStatus({
    seed: 1,
    systemId,
    stations,
    polls: Number(args.days) * POLLS_A_DAY,
  })) {
    poll.push(status)
    if (poll.length < stations) continue
    yield poll
    poll = []
  }
}

/** Rows of the data set: nothing tests the model within it, so all are there to fit again. */
const rowsOf = (bundleDir: string): number => {
  const { split } = JSON.parse(readFileSync(join(bundleDir, 'manifest.json'), 'utf8'))
  return split.parts.refit.rows
}

const beganAt = new Map<BacktestStage, number>()
let builderMb = 0

try {
  const { report } = await runBacktest({
    systemId,
    system: () => ({ systemId, timeZone: 'Europe/Oslo', country: 'NO' }),
    statuses: polls(),
    weather: [],
    weatherForecasts: [],
    windows: {},
    horizons: [60, 1_440],
    maxTrainRows: Number(args.rows),
    maxTestRows: TEST_ROWS,
    trees: Number(args.trees),
    threads: 2,
    boosters: ['lightgbm', 'xgboost', 'catboost'],
    search: { trials: 0, minutes: 1 },
    predictionsFile: null,
    trainerPython: args.python,
    folder: join(folder, 'backtest'),
    signal: new AbortController().signal,
    onStage(stage) {
      if (beganAt.has(stage)) return
      beganAt.set(stage, performance.now())
      if (stage === 'fit') builderMb = process.resourceUsage().maxRSS / 1024
    },
    onLogLine: () => {},
    onNotice: () => {},
  })
  const seconds = (from: BacktestStage, until: number): number => (until - beganAt.get(from)!) / 1000
  const buildSeconds = seconds('features', beganAt.get('fit')!)
  const fitSeconds = seconds('fit', performance.now())
  console.log(
    JSON.stringify({
      stations: Number(args.stations),
      days: Number(args.days),
      trees: Number(args.trees),
      rows: rowsOf(report.bundleDir),
      seconds: buildSeconds + fitSeconds,
      buildSeconds,
      fitSeconds,
      builderMb: Math.round(builderMb),
      trainerMb: report.peakRssMb,
    }),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
