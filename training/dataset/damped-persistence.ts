/**
 * Damped persistence: climatology at the target, plus a share of how far the station is from climatology now. The share
 * falls from almost 1 at a quarter of an hour towards 0 at a week. It is the hardest of the naive forecasts to beat.
 */

/** One row of the training part. Rows in which anything is NaN are passed over. */
export interface DampingRow {
  readonly horizonHours: number
  /** Bikes now minus climatology now. */
  readonly anomaly: number
  /** Bikes at the target minus climatology at the target. */
  readonly targetAnomaly: number
}

/** Shares at horizons, ascending; in between they are interpolated. Empty when there was nothing to fit to. */
export interface Damping {
  readonly horizonHours: readonly number[]
  readonly shares: readonly number[]
}

const bucketEdgesHours = [0.375, 0.625, 1.1, 2.1, 3.1, 6.1, 12.1, 24.1, 48.1, 72.1, 120.1]
/** Fewer rows than this say nothing about a share. */
const leastRows = 30

/** The least squares fit of targetAnomaly = share · anomaly in each bucket of horizons, within [0, 1]. */
export const fitDamping = (rows: Iterable<DampingRow>): Damping => {
  const buckets = Array.from({ length: bucketEdgesHours.length + 1 }, () => ({
    rows: 0,
    hours: 0,
    product: 0,
    square: 0,
  }))
  for (const { horizonHours, anomaly, targetAnomaly } of rows) {
    if (Number.isNaN(anomaly + targetAnomaly)) continue
    const edge = bucketEdgesHours.findIndex((hours) => horizonHours <= hours)
    const bucket = buckets[edge === -1 ? bucketEdgesHours.length : edge]!
    bucket.rows++
    bucket.hours += horizonHours
    bucket.product += anomaly * targetAnomaly
    bucket.square += anomaly * anomaly
  }
  const fitted = buckets.filter((bucket) => bucket.rows >= leastRows && bucket.square > 0)
  return {
    horizonHours: fitted.map((bucket) => bucket.hours / bucket.rows),
    shares: fitted.map((bucket) => Math.min(1, Math.max(0, bucket.product / bucket.square))),
  }
}

/** The share at a horizon; that of the nearest fitted one beyond the ends; NaN when nothing was fitted. */
export const dampingAt = ({ horizonHours, shares }: Damping, hours: number): number => {
  const after = horizonHours.findIndex((fitted) => fitted >= hours)
  if (after === -1) return shares.at(-1) ?? Number.NaN
  if (after === 0) return shares[0]!
  const from = horizonHours[after - 1]!
  const part = (hours - from) / (horizonHours[after]! - from)
  return shares[after - 1]! * (1 - part) + shares[after]! * part
}
