import type { BacktestReport } from '@velocast/training'

type Horizon = BacktestReport['horizons'][number]

/** What is asked of a model, at one horizon or all: a bound on a figure. */
interface Demand {
  name: string
  figure: (horizon: Horizon) => number | null
  /** By minutes ahead; the nearest that is not above. Absent: not asked at that horizon. */
  bounds: Readonly<Record<number, number>>
  isAtLeast?: boolean
  /** Asked for at the horizons of `bounds` alone; other figures from each of them on. */
  isNamedOnly?: boolean
}

const every = (bound: number, from = 15): Record<number, number> => ({ [from]: bound })

/**
 * What honest work reaches on recorded cities: errors as ratios to the best of five naive forecasts on the same rows, so
 * that they hold across cities.
 */
const DEMANDS: readonly Demand[] = [
  {
    name: 'RMSE / best naive',
    figure: (horizon) => horizon.rmseToBestNaive,
    bounds: { 15: 1, 60: 0.95, 180: 0.91, 360: 0.9, 1441: 0.93, 4321: 0.96 },
  },
  { name: 'MAE / best naive', figure: (horizon) => horizon.maeToBestNaive, bounds: every(1, 60) },
  {
    name: 'coverage of the 90 % interval, least',
    figure: (horizon) => horizon.coverage90,
    bounds: every(0.88),
    isAtLeast: true,
  },
  {
    name: 'coverage of the 90 % interval, most',
    figure: (horizon) => horizon.coverage90,
    bounds: every(0.92),
  },
  {
    name: 'Brier skill of a bike',
    figure: (horizon) => horizon.brierSkillBike,
    bounds: { 60: 0.7, 180: 0.53, 1440: 0.2, 10080: 0.05 },
    isAtLeast: true,
    isNamedOnly: true,
  },
  {
    name: 'Brier skill of a dock',
    figure: (horizon) => horizon.brierSkillDock,
    bounds: { 60: 0.7, 180: 0.53, 1440: 0.2, 10080: 0.05 },
    isAtLeast: true,
    isNamedOnly: true,
  },
  {
    name: 'RMSE of departures / climatology',
    figure: (horizon) => horizon.departuresRmseToClimatology,
    bounds: { 60: 0.93, 1440: 0.94 },
    isNamedOnly: true,
  },
  { name: 'calibration error of a bike', figure: (horizon) => horizon.eceBike, bounds: every(0.01) },
  { name: 'calibration error of a dock', figure: (horizon) => horizon.eceDock, bounds: every(0.01) },
]

export interface Verdict {
  demands: number
  /** In words, with the figure and the bound. */
  missed: string[]
}

export const judge = ({ horizons, overall }: BacktestReport): Verdict => {
  let demands = 0
  const missed: string[] = []
  const ask = (what: string, value: number | null, bound: number | null, isAtLeast: boolean): void => {
    if (bound === null || value === null) return
    demands++
    if (isAtLeast ? value >= bound : value <= bound) return
    missed.push(`${what} is ${value.toFixed(3)}, ${isAtLeast ? 'at least' : 'at most'} ${bound} is asked for`)
  }
  for (const { name, figure, bounds, isAtLeast = false, isNamedOnly = false } of DEMANDS)
    for (const horizon of horizons)
      ask(
        `${name} at ${horizonName(horizon.minutes)}`,
        figure(horizon),
        boundAt(bounds, horizon.minutes, isNamedOnly),
        isAtLeast,
      )
  ask('share of the stations that are covered 85 % of the time', overall.stationsCovered85, 0.95, true)
  ask('Winkler score / that of ±15 %, over all horizons,', overall.winklerRatio, 0.5, false)
  return { demands, missed }
}

const boundAt = (
  bounds: Readonly<Record<number, number>>,
  minutes: number,
  isNamedOnly: boolean,
): number | null => {
  if (isNamedOnly) return bounds[minutes] ?? null
  const from = Object.keys(bounds)
    .map(Number)
    .filter((each) => each <= minutes)
  return from.length === 0 ? null : bounds[Math.max(...from)]!
}

export const horizonName = (minutes: number): string =>
  minutes < 60
    ? `${minutes} min`
    : minutes < 1440 || minutes % 1440 !== 0
      ? `${minutes / 60} h`
      : `${minutes / 1440} d`
