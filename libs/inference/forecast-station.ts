import {
  type Calendar,
  isPastKnown,
  type StationPast,
  targetFeatureNames,
  vectorFeatureNames,
  writeTargetFeatures,
} from '@velocast/features'
import type { WeatherForecast } from '@velocast/schemas'
import type { ModelColumns } from './model-columns.ts'
import type { Bundle } from './open-bundle.ts'
import {
  type ForecastQuantity,
  type ForecastValues,
  forecastQuantities,
  namedHours,
  outputsFor,
  postProcess,
  type StationNow,
} from './post-process.ts'

const HOUR_MS = 3_600_000

export interface StationKnowledge {
  /** In the order of `vectorFeatureNames`; NaN = missing. */
  vector: Float32Array
  /** The moment whose knowledge the vector holds, epoch milliseconds. */
  asOf: number
  /** Moments to forecast, epoch milliseconds, after `asOf`. */
  targets: readonly number[]
  /** The newest that was known at `asOf`. */
  weatherForecast: WeatherForecast | null
  calendar: Calendar
  past: StationPast
}

export interface ForecastStationInput extends StationKnowledge {
  bundle: Bundle
  /** Docks in all; null where unknown. */
  capacity: number | null
}

export interface StationForecast extends ForecastValues {
  /** Along the targets: whether what is usual at the target was learnt from the neighbours, for want of a past. */
  isFromNeighbours: boolean[]
}

/** One station of several that are forecast together. */
export type StationToForecast = Omit<ForecastStationInput, 'bundle'>

/**
 * Forecasts one station at every target, all by the same model. The lists of the answer run along the targets. What it
 * is given is read before the call returns, not later.
 */
export const forecastStation = async ({
  bundle,
  ...station
}: ForecastStationInput): Promise<StationForecast> => {
  const [forecast] = await forecastStations(bundle, [station])
  return forecast!
}

/**
 * Forecasts several stations, each at its own targets, in one run of the graph; otherwise as `forecastStation`. Of what is
 * not among `quantities` nothing is worked out, and the answer says NaN.
 */
export const forecastStations = async (
  bundle: Bundle,
  stations: readonly StationToForecast[],
  quantities: readonly ForecastQuantity[] = forecastQuantities,
): Promise<StationForecast[]> => {
  const rowCount = stations.reduce((sum, { targets }) => sum + targets.length, 0)
  const rows = takeRows(rowCount * bundle.columns.count)
  // All is read before the first wait: the caller may write a station's next vector into the same place.
  const horizons: number[] = []
  const nows: StationNow[] = []
  for (const station of stations) {
    writeModelRows(bundle.columns, station, rows.subarray(horizons.length * bundle.columns.count))
    const now = nowOf(station)
    for (const targetAt of station.targets) {
      horizons.push(namedHours((targetAt - station.asOf) / HOUR_MS))
      nows.push(now)
    }
  }
  const isFromNeighbours = stations.map(({ targets, past, asOf }) =>
    targets.map((targetAt) => !isPastKnown(past, targetAt, asOf)),
  )
  const scored = bundle.scorer.score(rows, rowCount, outputsFor(quantities))
  const values = postProcess({
    outputs: await scored.finally(() => giveBack(rows)),
    calibration: bundle.manifest.calibration,
    horizons,
    nowOf: (row) => nows[row]!,
  })
  let row = 0
  return stations.map(({ targets }, index) => {
    const from = row
    row += targets.length
    return Object.assign(stations.length === 1 ? values : sliceOf(values, from, row), {
      isFromNeighbours: isFromNeighbours[index]!,
    })
  })
}

/** By their length, a power of two: rows that were scored and can be written anew. */
const spareRows = new Map<number, Float32Array[]>()
const MOST_SPARE = 64

/**
 * At least so many floats, with what was in them. Memory beside its heap, made anew for every question, has V8 mark the whole
 * heap every half a second, which a question then waits for.
 */
const takeRows = (length: number): Float32Array => {
  const whole = 2 ** Math.ceil(Math.log2(Math.max(1, length)))
  return spareRows.get(whole)?.pop() ?? new Float32Array(whole)
}

const giveBack = (rows: Float32Array): void => {
  const spare = spareRows.get(rows.length) ?? []
  spareRows.set(rows.length, spare)
  if (spare.length < MOST_SPARE) spare.push(rows)
}

const nowOf = ({ vector, capacity }: StationToForecast): StationNow => ({
  bikes: vector[bikesIndex]!,
  docks: vector[docksIndex]!,
  capacity: capacity ?? Number.NaN,
})

const sliceOf = (values: ForecastValues, from: number, to: number): ForecastValues =>
  Object.fromEntries(forecastQuantities.map((name) => [name, values[name].slice(from, to)])) as ForecastValues

/** Of one target, used anew for each. */
const target = new Float32Array(targetFeatureNames.length)

/** Puts a model's row for each target into `into`, one after another. */
export const writeModelRows = (
  columns: ModelColumns,
  station: StationKnowledge,
  into: Float32Array,
): void => {
  const { vector, asOf, targets, weatherForecast: forecast, calendar, past } = station
  const { count, ofVector, ofTarget } = columns
  for (let pair = 0; pair < ofVector.length; pair += 2)
    into[ofVector[pair] as number] = vector[ofVector[pair + 1] as number] as number
  for (let row = 0; row < targets.length; row++) {
    const targetAt = targets[row]!
    const from = row * count
    if (row > 0) into.copyWithin(from, 0, count)
    writeTargetFeatures({ calendar, vector, asOf, targetAt, forecast, past }, target, 0)
    for (let pair = 0; pair < ofTarget.length; pair += 2)
      into[from + (ofTarget[pair] as number)] = target[ofTarget[pair + 1] as number] as number
  }
}

/** Indexes in the feature vector of the bikes that can be rented, and the free docks, as of the vector. */
const bikesIndex = vectorFeatureNames.indexOf('bikes')
const docksIndex = vectorFeatureNames.indexOf('docks')
if (bikesIndex === -1) throw new Error('the feature vector has no "bikes": forecasts are changes from it')
