/**
 * From what the graph says to a forecast that keeps its promises. Pure. The trainer scores models by the same steps
 * (`forecast.py`, where each is explained), and a bundle's golden forecasts hold the two together.
 */
import { remember } from '@velocast/runtime'
import type { BundleManifest } from './bundle-format.ts'
import { interpolate } from './interpolate.ts'
import type { Outputs } from './scorer.ts'

/** By the name of the quantity; lists run along the targets. */
export type ForecastValues = Record<ForecastQuantity, number[]>

export const forecastQuantities = [
  'bikes_mean',
  'bikes_q05',
  'bikes_q50',
  'bikes_q95',
  'docks_mean',
  'docks_q05',
  'docks_q50',
  'docks_q95',
  'p_bike',
  'p_dock',
  'departures_mean',
  'departures_q05',
  'departures_q95',
  'arrivals_mean',
  'arrivals_q05',
  'arrivals_q95',
] as const
export type ForecastQuantity = (typeof forecastQuantities)[number]

/** What a forecast starts from. NaN is unknown. */
export interface StationNow {
  bikes: number
  docks: number
  /** Docks in all: without it there is no upper bound. */
  capacity: number
}

const bounds = ['bikes_q05', 'bikes_q50', 'bikes_q95'] as const

/** The model's outputs of which each quantity is made. */
const madeOf: Record<ForecastQuantity, readonly string[]> = {
  bikes_mean: ['bikes_mean'],
  bikes_q05: [...bounds, 'p_bike'],
  bikes_q50: [...bounds, 'p_bike'],
  bikes_q95: [...bounds, 'p_bike'],
  docks_mean: ['bikes_mean'],
  docks_q05: [...bounds, 'p_dock'],
  docks_q50: [...bounds, 'p_dock'],
  docks_q95: [...bounds, 'p_dock'],
  p_bike: ['p_bike'],
  p_dock: ['p_dock'],
  departures_mean: ['departures_mean'],
  departures_q05: ['departures_mean'],
  departures_q95: ['departures_mean'],
  arrivals_mean: ['arrivals_mean'],
  arrivals_q05: ['arrivals_mean'],
  arrivals_q95: ['arrivals_mean'],
}

/** What a model must be asked for, so that the quantities can be made of it; sorted, so that equal wishes look equal. */
export const outputsFor = (quantities: readonly ForecastQuantity[]): string[] =>
  [...new Set(quantities.flatMap((quantity) => madeOf[quantity]))].sort()

export interface PostProcessInput {
  /** Quantities of which one is made that is not there are NaN. */
  outputs: Outputs
  calibration: BundleManifest['calibration']
  /** Of the rows, hours; see `namedHours`. */
  horizons: ArrayLike<number>
  nowOf: (row: number) => StationNow
}

type Calibration = BundleManifest['calibration']
type Three = [low: number, middle: number, high: number]

/** Sums of floats that are whole but for their last digits count as whole. */
const WHOLE = 1e-6
/** Of the outer quantiles, in bikes: bikes are whole. */
const LEAST_DISTANCE = 1

/** The horizon that a row is counted to, in hours: by the slots between the one of `asOf` and the target. */
export const namedHours = (horizonHours: number): number => Math.ceil(horizonHours * 4 - 0.5) / 4

export const postProcess = ({ outputs, calibration, horizons, nowOf }: PostProcessInput): ForecastValues => {
  const unknown = new Float32Array(horizons.length).fill(Number.NaN)
  const column = (name: string): Float32Array => outputs[name] ?? unknown
  const raw = {
    mean: column('bikes_mean'),
    q05: column('bikes_q05'),
    q50: column('bikes_q50'),
    q95: column('bikes_q95'),
    bike: column('p_bike'),
    dock: column('p_dock'),
    departures: column('departures_mean'),
    arrivals: column('arrivals_mean'),
  }
  const count = horizons.length
  const values = Object.fromEntries(
    forecastQuantities.map((name) => [name, new Array<number>(count).fill(Number.NaN)]),
  ) as ForecastValues
  const { departures: departuresTable, arrivals: arrivalsTable } = calibration
  for (let row = 0; row < count; row++) {
    const at = calibrationAt(calibration, horizons[row]!)
    const { bikes: now, docks: docksNow, capacity } = nowOf(row)
    const most = Number.isNaN(capacity) ? Number.POSITIVE_INFINITY : capacity
    const places = Number.isNaN(docksNow) ? capacity : now + docksNow
    const distance = Math.max(raw.q95[row]! - raw.q05[row]!, LEAST_DISTANCE)

    const mean = clip(now + at.meanShare * raw.mean[row]!, most)
    const [low, middle, high] = ascending([
      now + raw.q05[row]! + at.lower + at.lowerShare * distance,
      now + (at.isMedianNow ? 0 : raw.q50[row]!),
      now + raw.q95[row]! + at.upper + at.upperShare * distance,
    ])
    const quantiles = whole([clip(low, most), clip(middle, most), clip(high, most)])
    const bikeProbability = probability(calibration, calibration.bikeCurve, raw.bike[row]!, at)
    const dockProbability = probability(calibration, calibration.dockCurve, raw.dock[row]!, at)
    const bikes = agreeing(quantiles, bikeProbability, most)
    const left = (value: number): number => clip(places - value, most)
    const docks = agreeing(
      [left(quantiles[2]), left(quantiles[1]), left(quantiles[0])],
      dockProbability,
      Math.min(most, places),
    )
    const departures = Math.max(raw.departures[row]!, 0)
    const arrivals = Math.max(raw.arrivals[row]!, 0)

    values.bikes_mean[row] = mean
    values.bikes_q05[row] = bikes[0]
    values.bikes_q50[row] = bikes[1]
    values.bikes_q95[row] = bikes[2]
    values.docks_mean[row] = left(mean)
    values.docks_q05[row] = docks[0]
    values.docks_q50[row] = docks[1]
    values.docks_q95[row] = docks[2]
    values.p_bike[row] = bikeProbability
    values.p_dock[row] = dockProbability
    values.departures_mean[row] = departures
    values.departures_q05[row] = lowest(interpolate(departures, departuresTable.mean, departuresTable.lower))
    values.departures_q95[row] = highest(interpolate(departures, departuresTable.mean, departuresTable.upper))
    values.arrivals_mean[row] = arrivals
    values.arrivals_q05[row] = lowest(interpolate(arrivals, arrivalsTable.mean, arrivalsTable.lower))
    values.arrivals_q95[row] = highest(interpolate(arrivals, arrivalsTable.mean, arrivalsTable.upper))
  }
  return values
}

/** A calibration between its horizons. */
interface CalibrationAt {
  readonly meanShare: number
  readonly lower: number
  readonly upper: number
  readonly lowerShare: number
  readonly upperShare: number
  readonly isMedianNow: boolean
  /** The curves around the horizon, and how far it is towards the second. */
  readonly before: number
  readonly after: number
  readonly share: number
}

/** By the horizon in hours, of which a model has few. */
const knownCalibrations = new WeakMap<Calibration, (hours: number) => CalibrationAt>()
const MOST_HORIZONS = 1024

const calibrationAt = (calibration: Calibration, hours: number): CalibrationAt => {
  let known = knownCalibrations.get(calibration)
  if (!known) {
    known = remember(MOST_HORIZONS, (hours) => findCalibrationAt(calibration, hours))
    knownCalibrations.set(calibration, known)
  }
  return known(hours)
}

const findCalibrationAt = (calibration: Calibration, hours: number): CalibrationAt => {
  const { horizonHours, lowerShare = none(calibration), upperShare = none(calibration) } = calibration
  const at = (table: readonly number[]): number => interpolate(hours, horizonHours, table)
  const place = at(indexes(horizonHours.length))
  const before = Math.floor(place)
  return {
    meanShare: at(calibration.meanShare),
    lower: at(calibration.lower),
    upper: at(calibration.upper),
    lowerShare: at(lowerShare),
    upperShare: at(upperShare),
    isMedianNow: at(calibration.medianShare) < 0.5,
    before,
    after: Math.min(before + 1, horizonHours.length - 1),
    share: place - before,
  }
}

/** What an older model does not say. */
const none = ({ horizonHours }: Calibration): number[] => horizonHours.map(() => 0)

const clip = (value: number, most: number): number => Math.min(Math.max(value, 0), most)
const lowest = (value: number): number => Math.ceil(value - WHOLE)
const highest = (value: number): number => Math.floor(value + WHOLE)

/** Quantiles are fitted one by one and may cross where data is thin; sorting never makes them worse. */
const ascending = ([a, b, c]: Three): Three => {
  const [low, high] = [Math.min(a, b), Math.max(a, b)]
  return [Math.min(low, c), Math.max(low, Math.min(high, c)), Math.max(high, c)]
}

/** The outer ones rounded inward: as much is covered, for bikes are whole. */
const whole = ([low, middle, high]: Three): Three => {
  const [lower, upper] = [lowest(low), highest(high)]
  const nearest = Math.floor(middle + 0.5)
  if (lower <= upper) return [lower, Math.min(Math.max(nearest, lower), upper), upper]
  // Between two whole numbers there is none: the nearest to the middle stands for them.
  const between = Math.floor((low + high) / 2 + 0.5)
  return [between, between, between]
}

/** A quantile is 0 exactly where at least so much of the distribution is at 0. */
const agreeing = ([low, middle, high]: Three, anyProbability: number, most: number): Three => {
  const agreed = (value: number, level: number): number => {
    if (Number.isNaN(value)) return value
    return 1 - anyProbability >= level ? 0 : Math.min(Math.max(value, 1), most)
  }
  const least = agreed(low, 0.05)
  const between = Math.max(agreed(middle, 0.5), least)
  return [least, between, Math.max(agreed(high, 0.95), between)]
}

/** Read off the curves of the two horizons around the row's, and between them. */
const probability = (
  { curveAt }: Calibration,
  curves: Calibration['bikeCurve'],
  said: number,
  { before, after, share }: CalibrationAt,
): number => {
  if (Number.isNaN(said)) return said
  const on = interpolate(said, curveAt, indexes(curveAt.length))
  const low = Math.min(Math.floor(on), curveAt.length - 2)
  const part = on - low
  const read = (horizon: number): number =>
    curves[horizon]![low]! * (1 - part) + curves[horizon]![low + 1]! * part
  return read(before) * (1 - share) + read(after) * share
}

const lists: number[][] = []
const indexes = (length: number): readonly number[] => {
  lists[length] ??= Array.from({ length }, (_, index) => index)
  return lists[length]
}
