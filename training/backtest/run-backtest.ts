/**
 * What accuracy would there be on this recorded city? The product's own features, rows, trainer and scoring, on a past that is
 * read from files: no broker, no database.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fingerprintOf, modelFeatureNames, type SystemHistoryOptions, slotMs } from '@velocast/features'
import type { StationStatus, WeatherForecast, WeatherObservation } from '@velocast/schemas'
import type { DatasetSource, Range } from '../dataset/dataset-source.ts'
import { horizonGrid } from '../dataset/horizon-grid.ts'
import { writeDataset } from '../dataset/write-dataset.ts'
import { HYPER_PARAMETERS, searchOf } from '../processes/fit-model.ts'
import { runJsonProcess } from '../processes/run-json-process.ts'
import { trainerEnvironment } from '../processes/trainer-environment.ts'
import { TrainingFailure } from '../training-failure.ts'
import { SEED, type SearchBounds, SPLIT } from '../training-settings.ts'
import { type BacktestReport, parseBacktestResult } from './backtest-report.ts'
import { type AskedWindows, type BacktestWindows, chooseWindows } from './backtest-windows.ts'
import { spoolStatuses } from './spool-statuses.ts'

export interface BacktestOptions {
  systemId: string
  /** Asked for when all is read. */
  system: () => SystemHistoryOptions
  /** In the order of polledAt. */
  statuses: AsyncIterable<readonly StationStatus[]>
  weather: readonly WeatherObservation[]
  weatherForecasts: readonly WeatherForecast[]
  windows: AskedWindows
  /** Minutes, multiples of 15. */
  horizons: readonly number[]
  maxTrainRows: number
  /** Rows that are scored, over all horizons. */
  maxTestRows: number
  trees: number
  threads: number
  /** All fit the mean, the first quantiles, the last probabilities, and counts beyond an hour. */
  boosters: readonly string[]
  search: SearchBounds
  /** Every scored row, Parquet or CSV by its ending. */
  predictionsFile: string | null
  trainerPython: string
  /** For what is in the making; emptied at the beginning, and what is left at the end is the model's bundle. */
  folder: string
  signal: AbortSignal
  onStage: (stage: BacktestStage, share: number, detail: string) => void
  onLogLine: (line: string) => void
  /** What whoever reads the figures has to know. */
  onNotice: (notice: string) => void
}

export type BacktestStage = 'read' | 'features' | 'search' | 'fit' | 'refit' | 'score'

const minutesASlot = 15
/** Of the training window: what remains is for stopping and calibrating. The test lies outside. */
const SHARES = { train: 0.8, early: 0.2, test: 0, gapHours: SPLIT.gapHours } as const
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const TIMEOUT_MS = 12 * 3_600_000
const trainerFolder = resolve(import.meta.dirname, '../trainer')

/** Throws a TrainingFailure where the recording is not enough. */
export const runBacktest = async (
  options: BacktestOptions,
): Promise<{ report: BacktestReport; windows: BacktestWindows }> => {
  const { folder, systemId, onStage, signal } = options
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const files = {
    spool: join(folder, 'statuses.bin'),
    train: join(folder, 'train.arrow'),
    test: join(folder, 'test.arrow'),
    out: join(folder, 'out'),
  }
  const spool = await spoolStatuses(files.spool, systemId, options.statuses)
  let windows: BacktestWindows
  let horizons: readonly number[]
  let rows: number[]
  try {
    const { firstObservedAt, lastObservedAt, observations } = spool.measure({
      from: Number.NEGATIVE_INFINITY,
      until: Number.POSITIVE_INFINITY,
    })
    if (firstObservedAt === null || lastObservedAt === null)
      throw new TrainingFailure('the recording holds no observation of any station')
    windows = windowsOf({ from: firstObservedAt, until: lastObservedAt }, options.windows)
    horizons = horizonsWithin(windows, options)
    const written = await writeDataset({
      source: sourceOf(spool, options),
      system: options.system(),
      // The first week has no past to be learnt from; where there is less than three, it is all there is.
      rows: { from: windows.train.from, until: windows.test.until },
      seed: SEED,
      trainShare: SHARES.train,
      parts: [
        {
          outFile: files.train,
          horizons: horizonGrid.filter(({ slots }) => slots * slotMs <= windows.longestMs),
          targets: windows.train,
          maxRows: options.maxTrainRows,
        },
        {
          outFile: files.test,
          horizons: horizons.map((minutes) => ({ slots: minutes / minutesASlot, weight: 1 })),
          targets: windows.test,
          maxRows: options.maxTestRows,
        },
      ],
      onProgress: (share) => {
        signal.throwIfAborted()
        onStage('features', share, `of ${observations.toLocaleString('en')} observations`)
      },
    })
    rows = written?.rows ?? [0, 0]
  } finally {
    spool.close()
  }
  if (rows[0] === 0 || rows[1] === 0)
    throw new TrainingFailure(
      `${rows[0]} rows can be trained on and ${rows[1]} scored: the windows hold no observations whose target was observed, too`,
    )
  return { report: await fitAndScore({ ...options, horizons }, files, windows), windows }
}

const windowsOf = (recorded: Range, asked: AskedWindows): BacktestWindows => {
  try {
    return chooseWindows(recorded, asked)
  } catch (error) {
    throw new TrainingFailure((error as Error).message)
  }
}

/** Those that can be learnt from the training window; of the others it is said that they are left out. */
const horizonsWithin = ({ train, longestMs }: BacktestWindows, options: BacktestOptions): number[] => {
  const within = options.horizons.filter((minutes) => minutes * MINUTE_MS <= longestMs)
  const days = ((train.until - train.from) / DAY_MS).toFixed(1)
  if (within.length === 0)
    throw new TrainingFailure(
      `the recording is too short: ${days} days are left to train on, and none of the horizons can be learnt from so few`,
    )
  if (within.length < options.horizons.length)
    options.onNotice(
      `${days} days are left to train on: forecasts of more than ${Math.floor(longestMs / HOUR_MS)} h ahead cannot be learnt from so few and are left out`,
    )
  return within
}

const sourceOf = (
  spool: Awaited<ReturnType<typeof spoolStatuses>>,
  { weather, weatherForecasts }: BacktestOptions,
): DatasetSource => {
  const within = <T extends { polledAt: number }>(records: readonly T[], { from, until }: Range): T[] =>
    records.filter(({ polledAt }) => polledAt >= from && polledAt <= until)
  return {
    measure: async (range) => spool.measure(range),
    async *statuses(range) {
      yield* spool.read(range)
    },
    async *weather(range) {
      yield within(weather, range)
    },
    async *forecasts(range) {
      yield within(weatherForecasts, range)
    },
  }
}

const fitAndScore = async (
  options: BacktestOptions,
  files: { train: string; test: string; out: string },
  windows: BacktestWindows,
): Promise<BacktestReport> => {
  const { folder, systemId, signal, onStage } = options
  const requestFile = join(folder, 'request.json')
  const request = {
    format: 2,
    systemId,
    modelName: `backtest-${systemId.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}`,
    trainedAt: Math.floor(windows.train.until / DAY_MS) * DAY_MS,
    seed: SEED,
    threads: options.threads,
    dataset: files.train,
    outDir: files.out,
    features: modelFeatureNames,
    fingerprint: fingerprintOf(modelFeatureNames),
    horizonFeature: 'horizon_hours',
    split: SHARES,
    params: { trees: options.trees, ...HYPER_PARAMETERS },
    boosters: options.boosters,
    search: searchOf(options.search),
    mlflow: null,
    champion: null,
    tags: {},
    testDataset: files.test,
    horizonsMinutes: options.horizons,
    predictions: options.predictionsFile,
  }
  await writeFile(requestFile, JSON.stringify(request, null, 2))
  const fits = { fit: countFits(), refit: countFits() }
  const { exitCode, detail } = await runJsonProcess({
    command: options.trainerPython,
    args: ['-m', 'velocast_trainer', 'backtest', '--request', requestFile],
    cwd: trainerFolder,
    env: trainerEnvironment,
    signal,
    timeoutMs: TIMEOUT_MS,
    onEvent: (event) => {
      const { stage } = event
      if (stage === 'fit' || stage === 'refit') {
        if (event.output) onStage(stage, fits[stage](event), describeFit(event))
      } else if (stage === 'search') onStage('search', Number(event.done), '')
      else if (stage === 'calibrate') onStage('refit', 0, 'calibrate')
      else if (PREPARING.has(String(stage))) onStage('fit', 0, String(stage))
      else onStage('score', Number(event.done ?? 0), String(stage ?? ''))
    },
    onLogLine: options.onLogLine,
  })
  if (exitCode !== 0) throw new TrainingFailure(detail)
  await Promise.all([rm(files.train, { force: true }), rm(files.test, { force: true })])
  return parseBacktestResult(JSON.parse(await readFile(join(files.out, 'result.json'), 'utf8')))
}

/** The trainer's stages before it fits. */
const PREPARING = new Set(['load', 'leaks'])

/** How far all the fits of a stage are, from what each says of itself. */
const countFits = () => {
  const done = new Map<string, number>()
  return (event: Record<string, unknown>): number => {
    done.set(describeFit(event), Number(event.done))
    return [...done.values()].reduce((sum, each) => sum + each, 0) / Number(event.fits)
  }
}

const describeFit = ({ output, band, booster }: Record<string, unknown>): string =>
  `${output} up to ${band}, ${booster}`
