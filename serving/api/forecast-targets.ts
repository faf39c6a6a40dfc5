import { slotMs, slotOf } from '@velocast/features'

export const hourMs = 3_600_000

/**
 * The last moment that may be asked for, epoch milliseconds. An hour of grace: "168 hours from now" counts from now, and the
 * newest report is older.
 */
export const reachOf = (asOf: number, reachHours: number): number => asOf + (reachHours + 1) * hourMs

/**
 * The moments to forecast in the next `hours`, `stepMinutes` (a quarter, a half or a whole hour) apart: whole steps after
 * the slot of `asOf`, on which models are trained and judged. Those that have passed meanwhile are left out, so that old
 * knowledge still answers for the future. Epoch milliseconds.
 */
export const forecastTargets = (asOf: number, now: number, hours: number, stepMinutes = 60): number[] => {
  const start = slotOf(asOf) * slotMs
  const stepMs = stepMinutes * 60_000
  const passed = Math.max(0, Math.floor((now - start) / stepMs))
  return Array.from(
    { length: (hours * 60) / stepMinutes },
    (_, index) => start + (passed + index + 1) * stepMs,
  )
}
