import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import timeZoneAt from '@photostructure/tz-lookup'
import {
  perfectForecasts,
  recordedStatuses,
  recordedWeather,
  surveyTrips,
  tripStatuses,
  type WeatherUnits,
} from '@velocast/producers'
import { countryOfTimeZone } from '@velocast/runtime'
import { type BacktestStage, runBacktest, TrainingFailure } from '@velocast/training'
import { momentIn, requireFiles } from '../backfill/run-backfill.ts'
import { dataFolder } from '../folders.ts'
import { trainerPython } from '../setup/trainer-python.ts'
import { EXIT } from '../terminal/exit-code.ts'
import { terminalProgress } from '../terminal/terminal-progress.ts'
import { CommandError, untilInterrupted } from '../terminal/until-interrupted.ts'
import { backtestJson, presentBacktest } from './present-backtest.ts'
import { judge } from './verdict.ts'
import { writeReport } from './write-report.ts'

export interface BacktestCommandOptions {
  data: string
  information?: string
  weather?: string
  weatherUnits?: string
  weatherUse: string
  trainFrom?: string
  trainTo?: string
  testFrom?: string
  testTo?: string
  horizons: string
  system: string
  timeZone?: string
  country?: string
  rows: string
  testRows: string
  trees: string
  boosters: string
  threads: string
  searchTrials: string
  json?: string
  report?: string
  predictions?: string
}

export const runBacktestCommand = (options: BacktestCommandOptions): Promise<void> => {
  const asked = readOptions(options)
  return untilInterrupted(async ({ signal }) => {
    const startedAt = performance.now()
    const progress = terminalProgress(process.stderr)
    const python = await trainerPython(progress, signal)
    const { system: systemId } = options
    const notices = new Set<string>()
    const paths = [options.data, ...(options.information ? [options.information] : [])]
    let tellRead: (share: number, detail: string) => void = () => {}
    const trips = await surveyTrips(paths).catch(() => null)
    const reading = {
      systemId,
      paths,
      onNotice: (notice: string) => void notices.add(notice),
      onProgress: ({ share, at }: { share: number; at: number }) => {
        signal.throwIfAborted()
        tellRead(share, `up to ${new Date(at).toISOString().slice(0, 10)}`)
      },
    }
    const recording = trips
      ? tripStatuses({ ...reading, timeZone: options.timeZone ?? requireZone(zoneAt(trips)), signal })
      : recordedStatuses(reading)
    const weather =
      options.weather && asked.weatherUse !== 'none'
        ? await readWeather(options.weather, systemId, asked)
        : { observations: [], forecasts: [] }

    const stages = inStages(progress, [
      ['read', 'Reading the recording'],
      ['features', 'Features and rows'],
      ['search', 'Looking for parameters'],
      ['fit', 'Fitting'],
      ['refit', 'Fitting again, with the newest rows'],
      ['score', 'Checks and scores'],
    ])
    tellRead = (share, detail) => stages.at('read', share, detail)
    let zone = ''
    try {
      const { report, windows } = await runBacktest({
        ...asked,
        systemId,
        statuses: recording.read(),
        system: () => {
          zone = options.timeZone ?? zoneOf(recording.stations) ?? 'UTC'
          if (!options.timeZone && zone === 'UTC')
            notices.add(
              'the recording does not say where its stations are: hours and days are those of UTC; name a station_information with --information, or the zone with --time-zone',
            )
          return { systemId, timeZone: zone, country: options.country ?? countryOfTimeZone(zone) }
        },
        weather: weather.observations,
        weatherForecasts: weather.forecasts,
        predictionsFile: options.predictions ? resolve(options.predictions) : null,
        trainerPython: python,
        folder: join(dataFolder, 'backtest', systemId.replaceAll(/[^A-Za-z0-9._-]+/g, '-')),
        signal,
        onStage: stages.at,
        onLogLine: () => {},
        onNotice: (notice) => void notices.add(notice),
      })
      await stages.end()
      if (report.horizons.every(({ comparedRows }) => comparedRows === 0))
        notices.add(
          'no naive forecast is known of any row that is scored, which takes a day of recording before it: there are no ratios',
        )
      const verdict = judge(report)
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10
      const peakRssMb = Math.max(report.peakRssMb, Math.round(process.resourceUsage().maxRSS / 1024))
      const day = (at: number): string => new Date(at).toISOString().slice(0, 16)
      const about = [
        ...(trips
          ? ['made of trips: departures and arrivals are theirs, levels are reconstructed, trucks guessed']
          : []),
        `${basename(resolve(options.data))}: ${recording.counts.polls} snapshots, ${recording.stations.size} stations, ${zone}`,
        `trained on targets from ${day(windows.train.from)} to ${day(windows.train.until)}, scored on ${report.rows.toLocaleString('en')} rows with targets from ${day(windows.test.from)} to ${day(windows.test.until)} (UTC)`,
        weather.observations.length + weather.forecasts.length > 0
          ? `with weather: ${weather.observations.length} observations, ${weather.forecasts.length} forecasts ${asked.weatherUse === 'perfect' ? 'that say what was observed: no one could have them' : 'as issued'}`
          : 'without weather',
        `${seconds} s, at most ${peakRssMb} MB`,
      ]
      for (const notice of notices) process.stderr.write(`${notice}\n`)
      process.stdout.write(`${[...about, '', ...presentBacktest(report, verdict)].join('\n')}\n`)
      if (options.json) {
        const content = {
          system: systemId,
          seconds,
          peakRssMb,
          timeZone: zone,
          windows,
          weatherUse: options.weather ? asked.weatherUse : 'none',
          recording: { ...recording.counts, stations: recording.stations.size },
        }
        await writeFile(options.json, `${JSON.stringify(backtestJson(report, content, verdict), null, 2)}\n`)
      }
      const reportFile = options.report ?? options.json?.replace(/(\.json)?$/i, '.html')
      if (reportFile) {
        await writeReport(reportFile, report, verdict, { title: `Backtest of ${systemId}`, lines: about })
        process.stdout.write(`\nreport: ${reportFile}\n`)
      }
    } catch (error) {
      await stages.fail()
      if (error instanceof TrainingFailure) throw new CommandError(error.message, EXIT.no)
      throw error
    }
  })
}

/** Throws a CommandError that says every mistake that can be seen before anything is read. */
const readOptions = (options: BacktestCommandOptions) => {
  requireFiles(
    [options.data, options.information, options.weather].filter((path): path is string => path !== undefined),
  )
  const horizons = options.horizons.split(',').map(Number)
  if (!horizons.every((minutes) => minutes > 0 && minutes <= 10_080 && minutes % 15 === 0))
    throw new CommandError(`--horizons takes multiples of 15 minutes up to 10080, not ${options.horizons}`)
  const boosters = options.boosters.split(',')
  if (!boosters.every((name) => ['lightgbm', 'xgboost', 'catboost'].includes(name)))
    throw new CommandError(`--boosters are of lightgbm, xgboost and catboost, not ${options.boosters}`)
  const { weatherUnits, weatherUse } = options
  if (weatherUse !== 'none' && weatherUse !== 'as-issued' && weatherUse !== 'perfect')
    throw new CommandError(`--weather-use is none, as-issued or perfect, not ${weatherUse}`)
  if (weatherUse === 'perfect' && !options.weather)
    throw new CommandError(
      '--weather-use perfect needs the weather that was observed: name it with --weather',
    )
  if (weatherUnits !== undefined && weatherUnits !== 'us' && weatherUnits !== 'metric')
    throw new CommandError(`--weather-units is us or metric, not ${weatherUnits}`)
  return {
    windows: {
      trainFrom: momentIn(options.trainFrom),
      trainTo: momentIn(options.trainTo),
      testFrom: momentIn(options.testFrom),
      testTo: momentIn(options.testTo),
    },
    horizons: [...new Set(horizons)].sort((a, b) => a - b),
    maxTrainRows: wholeNumber('--rows', options.rows),
    maxTestRows: wholeNumber('--test-rows', options.testRows),
    trees: wholeNumber('--trees', options.trees),
    boosters,
    threads: wholeNumber('--threads', options.threads),
    search: { trials: wholeNumber('--search-trials', options.searchTrials, 0), minutes: SEARCH_MINUTES },
    weatherUnits: weatherUnits as WeatherUnits | undefined,
    weatherUse: weatherUse as WeatherUse,
  }
}

/** Nobody waits for a backtest: its search ends by its trials, so that it finds the same each time. */
const SEARCH_MINUTES = 24 * 60

const wholeNumber = (name: string, text: string, least = 1): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least)
    throw new CommandError(`${name} is a whole number of at least ${least}, not ${text}`)
  return value
}

type WeatherUse = 'none' | 'as-issued' | 'perfect'

const readWeather = async (
  path: string,
  systemId: string,
  { weatherUnits: units, weatherUse }: { weatherUnits: WeatherUnits | undefined; weatherUse: WeatherUse },
) => {
  try {
    const weather = await recordedWeather([path], { systemId, ...(units ? { units } : {}) })
    return weatherUse === 'perfect'
      ? { ...weather, forecasts: perfectForecasts(weather.observations, weather.forecasts) }
      : weather
  } catch (error) {
    throw new CommandError((error as Error).message)
  }
}

/** Where the middle one of the stations is. */
const zoneOf = (
  stations: ReadonlyMap<string, { latitude: number | null; longitude: number | null }>,
): string | null => {
  const middle = (values: (number | null)[]): number | undefined => {
    const known = values.filter((value): value is number => value !== null).sort((a, b) => a - b)
    return known[known.length >> 1]
  }
  const latitude = middle([...stations.values()].map((station) => station.latitude))
  const longitude = middle([...stations.values()].map((station) => station.longitude))
  return zoneAt({ latitude: latitude ?? Number.NaN, longitude: longitude ?? Number.NaN })
}

const zoneAt = ({ latitude, longitude }: { latitude: number; longitude: number }): string | null =>
  Number.isNaN(latitude + longitude) ? null : timeZoneAt(latitude, longitude)

/** The times of trips are local: without a zone they are of no moment. */
const requireZone = (zone: string | null): string => {
  if (zone === null)
    throw new CommandError(
      'the trips do not say where they began: name the zone of their times with --time-zone',
    )
  return zone
}

/** Steps that follow each other, each begun by the first word of it. */
const inStages = (
  progress: ReturnType<typeof terminalProgress>,
  stages: readonly (readonly [BacktestStage, string])[],
) => {
  type Step = Parameters<Parameters<typeof progress.step>[1]>[0]
  let current: {
    stage: BacktestStage
    step: Step | null
    end: (error?: Error) => void
    ended: Promise<void>
  } | null = null
  const begin = (stage: BacktestStage): NonNullable<typeof current> => {
    const done = Promise.withResolvers<void>()
    const begun: NonNullable<typeof current> = {
      stage,
      step: null,
      end: (error) => (error ? done.reject(error) : done.resolve()),
      ended: Promise.resolve(),
    }
    const title = stages.find(([name]) => name === stage)![1]
    begun.ended = progress
      .step(title, (step) => {
        begun.step = step
        return done.promise
      })
      .catch(() => {})
    return begun
  }
  return {
    at: (stage: BacktestStage, share: number, detail: string): void => {
      if (current?.stage !== stage) {
        current?.end()
        current = begin(stage)
      }
      current.step?.at(share, detail)
    },
    end: async (): Promise<void> => {
      current?.end()
      await current?.ended
    },
    fail: async (): Promise<void> => {
      current?.end(new Error('failed'))
      await current?.ended
    },
  }
}
