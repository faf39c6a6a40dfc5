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
export const outputsFor = (quantities: readonly ForecastQuantity[]): readonly string[] =>
  outputsOfWish(quantities.join())

/** There are few wishes, and each is the same for every request. */
const MOST_WISHES = 1024
const outputsOfWish = remember(MOST_WISHES, (wish: string): readonly string[] =>
  [...new Set((wish.split(',') as ForecastQuantity[]).flatMap((quantity) => madeOf[quantity]))].sort(),
)

export interface PostProcessInput {
  /** Quantities of which one is made that is not there are NaN. */
  outputs: Outputs
  calibration: BundleManifest['calibration']
  /** Of the rows, hours; see `namedHours`. */
  horizons: ArrayLike<number>
  nowOf: (row: number) => StationNow
}

type Calibration = BundleManifest['calibration']

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
  const bikes = { q05: values.bikes_q05, q50: values.bikes_q50, q95: values.bikes_q95 }
  const docks = { q05: values.docks_q05, q50: values.docks_q50, q95: values.docks_q95 }
  // No lists and no objects for each row: of 24 an answer has 24 times as many.
  for (let row = 0; row < count; row++) {
    const at = calibrationAt(calibration, horizons[row]!)
    const { bikes: now, docks: docksNow, capacity } = nowOf(row)
    const most = Number.isNaN(capacity) ? Number.POSITIVE_INFINITY : capacity
    const places = Number.isNaN(docksNow) ? capacity : now + docksNow
    const distance = Math.max(raw.q95[row]! - raw.q05[row]!, LEAST_DISTANCE)
    const mean = clip(now + at.meanShare * raw.mean[row]!, most)

    // Quantiles are fitted one by one and may cross where data is thin; sorting never makes them worse.
    const a = now + raw.q05[row]! + at.lower + at.lowerShare * distance
    const b = now + (at.isMedianNow ? 0 : raw.q50[row]!)
    const c = now + raw.q95[row]! + at.upper + at.upperShare * distance
    const low = clip(Math.min(a, b, c), most)
    const middle = clip(Math.max(Math.min(a, b), Math.min(Math.max(a, b), c)), most)
    const high = clip(Math.max(a, b, c), most)

    // The outer ones rounded inward: as much is covered, for bikes are whole. Where there is no whole number between them, the
    // nearest to the middle stands for all.
    const lower = lowest(low)
    const upper = highest(high)
    const isAnyBetween = lower <= upper
    const only = nearest((low + high) / 2)
    const q05 = isAnyBetween ? lower : only
    const q50 = isAnyBetween ? Math.min(Math.max(nearest(middle), lower), upper) : only
    const q95 = isAnyBetween ? upper : only

    const bikeProbability = probability(calibration, calibration.bikeCurve, raw.bike[row]!, at)
    const dockProbability = probability(calibration, calibration.dockCurve, raw.dock[row]!, at)
    putAgreeing(bikes, row, q05, q50, q95, bikeProbability, most)
    putAgreeing(
      docks,
      row,
      clip(places - q95, most),
      clip(places - q50, most),
      clip(places - q05, most),
      dockProbability,
      Math.min(most, places),
    )
    const departures = Math.max(raw.departures[row]!, 0)
    const arrivals = Math.max(raw.arrivals[row]!, 0)

    values.bikes_mean[row] = mean
    values.docks_mean[row] = clip(places - mean, most)
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

const nearest = (value: number): number => Math.floor(value + 0.5)

interface Quantiles {
  q05: number[]
  q50: number[]
  q95: number[]
}

/** A quantile is 0 exactly where at least so much of the distribution is at 0. */
const putAgreeing = (
  into: Quantiles,
  row: number,
  q05: number,
  q50: number,
  q95: number,
  anyProbability: number,
  most: number,
): void => {
  const least = agreed(q05, 0.05, anyProbability, most)
  const between = Math.max(agreed(q50, 0.5, anyProbability, most), least)
  into.q05[row] = least
  into.q50[row] = between
  into.q95[row] = Math.max(agreed(q95, 0.95, anyProbability, most), between)
}

const agreed = (value: number, level: number, anyProbability: number, most: number): number => {
  if (Number.isNaN(value)) return value
  return 1 - anyProbability >= level ? 0 : Math.min(Math.max(value, 1), most)
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
  return readOff(curves[before]!, low, part) * (1 - share) + readOff(curves[after]!, low, part) * share
}

const readOff = (curve: readonly number[], low: number, part: number): number =>
  curve[low]! * (1 - part) + curve[low + 1]! * part

const lists: number[][] = []
const indexes = (length: number): readonly number[] => {
  lists[length] ??= Array.from({ length }, (_, index) => index)
  return lists[length]
}
