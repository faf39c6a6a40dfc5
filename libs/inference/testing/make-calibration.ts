import type { BundleManifest } from '../bundle-format.ts'

type Calibration = BundleManifest['calibration']

/** A calibration that changes nothing but what is asked for; lists are along the horizons. */
export const makeCalibration = (changes: Partial<Calibration> = {}): Calibration => {
  const horizonHours = changes.horizonHours ?? [1, 24]
  const each = <T>(value: T): T[] => horizonHours.map(() => value)
  return {
    horizonHours,
    meanShare: each(1),
    medianShare: each(1),
    lower: each(0),
    upper: each(0),
    lowerShare: each(0),
    upperShare: each(0),
    curveAt: [0, 1],
    bikeCurve: each([0, 1]),
    dockCurve: each([0, 1]),
    departures: { mean: [0, 10], lower: [0, 5], upper: [2, 16] },
    arrivals: { mean: [0, 10], lower: [0, 5], upper: [2, 16] },
    ...changes,
  }
}
