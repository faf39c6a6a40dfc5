const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** How late, as a metric's label says it. What is later than the last bound changes no vector. */
export const latenessBucket = (latenessMs: number): string => {
  if (latenessMs <= 15 * MINUTE_MS) return '≤15m'
  if (latenessMs <= HOUR_MS) return '≤1h'
  if (latenessMs <= 6 * HOUR_MS) return '≤6h'
  return latenessMs <= 24 * HOUR_MS ? '≤24h' : 'later'
}
