/** From what the graph says to a forecast that keeps its promises. Pure. */
import type { BundleManifest } from './bundle-format.ts'
import type { Outputs } from './open-session.ts'

/** Lists run along the targets. */
export interface ForecastValues {
  bikesMean: number[]
  bikesQ05: number[]
  bikesQ50: number[]
  bikesQ95: number[]
  bikeProbability: number[]
  dockProbability: number[]
  departuresMean: number[]
}

export interface PostProcessInput {
  outputs: Outputs
  calibration: BundleManifest['calibration']
  /** Horizons of the rows, hours. */
  horizonHours: ArrayLike<number>
  bikesNow: number
  /** Docks in all; null where unknown: then there is no upper bound. */
  capacity: number | null
}

/**
 * Adds changes to the bikes now, widens the interval by the calibration, and clips: bikes and their quantiles lie in
 * [0, capacity] and never cross, probabilities in [0, 1], departures are not negative.
 */
export const postProcess = ({
  outputs,
  calibration,
  horizonHours,
  bikesNow,
  capacity,
}: PostProcessInput): ForecastValues => {
  const column = (name: string): Float32Array => {
    const values = outputs[name]
    if (!values) throw new Error(`the model has no output "${name}"`)
    return values
  }
  const mean = column('bikes_mean')
  const q05 = column('bikes_q05')
  const q50 = column('bikes_q50')
  const q95 = column('bikes_q95')
  const bike = column('p_bike')
  const dock = column('p_dock')
  const departures = column('departures_mean')
  const most = capacity ?? Number.POSITIVE_INFINITY
  const values: ForecastValues = {
    bikesMean: [],
    bikesQ05: [],
    bikesQ50: [],
    bikesQ95: [],
    bikeProbability: [],
    dockProbability: [],
    departuresMean: [],
  }
  for (let row = 0; row < horizonHours.length; row++) {
    const position = positionAmong(calibration.horizonHours, horizonHours[row] as number)
    const low = bikesNow + (q05[row] as number) + valueAt(calibration.lower, position)
    const middle = bikesNow + (q50[row] as number)
    const high = bikesNow + (q95[row] as number) + valueAt(calibration.upper, position)
    // Quantiles are fitted one by one and may cross where data is thin; sorting never makes them worse.
    const least = Math.min(low, middle, high)
    const greatest = Math.max(low, middle, high)
    values.bikesMean.push(clip(bikesNow + (mean[row] as number), most))
    values.bikesQ05.push(clip(least, most))
    values.bikesQ50.push(clip(Math.max(Math.min(low, middle), Math.min(Math.max(low, middle), high)), most))
    values.bikesQ95.push(clip(greatest, most))
    values.bikeProbability.push(clip(bike[row] as number, 1))
    values.dockProbability.push(clip(dock[row] as number, 1))
    values.departuresMean.push(clip(departures[row] as number, Number.POSITIVE_INFINITY))
  }
  return values
}

const clip = (value: number, most: number): number => Math.min(Math.max(value, 0), most)

/** Where `at` lies among the ascending points: 1.5 is halfway between the second and the third. Never beyond the ends. */
const positionAmong = (points: readonly number[], at: number): number => {
  let next = 0
  while (next < points.length && (points[next] as number) < at) next++
  if (next === 0 || next === points.length) return Math.max(0, Math.min(next, points.length - 1))
  const before = points[next - 1] as number
  return next - 1 + (at - before) / ((points[next] as number) - before)
}

/** The value on the line through the values, 0 when there are none. */
const valueAt = (values: readonly number[], position: number): number => {
  const before = Math.floor(position)
  const value = values[before] ?? 0
  const share = position - before
  return share === 0 ? value : value * (1 - share) + (values[before + 1] as number) * share
}
