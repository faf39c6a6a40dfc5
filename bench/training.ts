/**
 * What a training takes at the sizes that are promised: seconds, the largest memory of the data set's builder and of the
 * trainer, and how much of the time the data set took; all three boosters, all that is forecast, 300 trees.
 *
 *   node bench/training.ts [--json] [--sizes 500x60,2400x30] [--trees 300] [--sampling FOLDER]
 *
 * The city is generated, goes through the builder and the trainer of a backtest, and needs no server; making it up is not
 * counted. Its baseline is the demand. With --sampling it measures instead what four times the rows give on a recorded city
 * (`velocast backtest --rows`), by LightGBM alone.
 *
 * This takes half an hour of two cores: it is run by name only.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installPythonEnvironment } from '@velocast/local-stack'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '500x60,2400x30' },
    trees: { type: 'string', default: '300' },
    sampling: { type: 'string' },
  },
})

/** By stations × days: at most so many minutes and MB in all, and such a share of the time for the data set. */
const DEMANDS: Record<string, { minutes: number; mb: number; buildShare?: number }> = {
  '500x60': { minutes: 20, mb: 4_096, buildShare: 0.2 },
  '2400x30': { minutes: 30, mb: 6_144 },
}
const DEFAULT_ROWS = 1_200_000
const root = join(import.meta.dirname, '..')

interface Measured {
  rows: number
  seconds: number
  buildSeconds: number
  builderMb: number
  trainerMb: number
}

const measureSize = (size: string, python: string) => {
  const [stations, days] = size.split('x')
  const child = ['--stations', stations!, '--days', days!, '--trees', args.trees, '--python', python]
  const said = execFileSync(process.execPath, [join(import.meta.dirname, 'train-city.ts'), ...child], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  const measured: Measured = JSON.parse(said.trimEnd().split('\n').at(-1)!)
  // The builder waits while the trainer works.
  const mb = measured.builderMb + measured.trainerMb
  const buildShare = measured.buildSeconds / measured.seconds
  const demand = DEMANDS[size]
  const isMet =
    demand &&
    measured.seconds <= demand.minutes * 60 &&
    mb <= demand.mb &&
    buildShare <= (demand.buildShare ?? 1)
  return { name: 'training', size, trees: Number(args.trees), ...measured, mb, buildShare, demand, isMet }
}

/** RMSE by horizon of a backtest with the rows of a training, as a share of that with four times as many. */
const compareSampling = (data: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'velocast-bench-'))
  const rmseOf = (rows: number): Map<number, number> => {
    const json = join(folder, `${rows}.json`)
    const options = ['--data', data, '--rows', String(rows), '--boosters', 'lightgbm', '--trees', args.trees]
    execFileSync(
      process.execPath,
      [join(root, 'cli', 'main.ts'), 'backtest', ...options, '--system', 'bench-sampling', '--json', json],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    const { horizons } = JSON.parse(readFileSync(json, 'utf8'))
    return new Map(horizons.map(({ minutes, rmse }: { minutes: number; rmse: number }) => [minutes, rmse]))
  }
  try {
    const [usual, fourTimes] = [rmseOf(DEFAULT_ROWS), rmseOf(4 * DEFAULT_ROWS)]
    const ratios = [...usual].map(([minutes, rmse]) => [minutes, rmse / fourTimes.get(minutes)!] as const)
    return {
      name: 'training-sampling',
      ratioByMinutes: Object.fromEntries(ratios),
      largestRatioDemanded: 1.01,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (args.sampling) {
  const result = compareSampling(args.sampling)
  if (args.json) console.log(JSON.stringify(result))
  else
    for (const [minutes, ratio] of Object.entries(result.ratioByMinutes))
      console.log(`${minutes} min: RMSE ${ratio.toFixed(4)} of that with four times the rows (at most 1.01)`)
} else {
  const environment = await installPythonEnvironment({
    name: 'trainer',
    requirementsFile: join(root, 'training', 'trainer', 'requirements.lock'),
  })
  for (const size of args.sizes.split(',')) {
    const result = measureSize(size, join(environment, 'bin', 'python'))
    if (args.json) console.log(JSON.stringify(result))
    else
      console.log(
        `${size} days, ${result.rows} rows: ${(result.seconds / 60).toFixed(1)} min, ${(100 * result.buildShare).toFixed(0)} % of it the data set; builder ${result.builderMb} MB, trainer ${result.trainerMb} MB${result.demand ? `; demanded: ${result.demand.minutes} min, ${result.demand.mb} MB in all${result.demand.buildShare ? `, ${100 * result.demand.buildShare} %` : ''}: ${result.isMet ? 'met' : 'missed'}` : ''}`,
      )
  }
}
