import { slotMs, slotOf } from '@velocast/features'

export const hourMs = 3_600_000

/**
 * The next `hours` hourly moments to forecast: whole hours after the slot of `asOf`, on which models are trained and
 * judged. Those that have passed meanwhile are left out, so that old knowledge still answers for the future.
 */
export const forecastTargets = (asOf: number, now: number, hours: number): number[] => {
  const start = slotOf(asOf) * slotMs
  const passed = Math.max(0, Math.floor((now - start) / hourMs))
  return Array.from({ length: hours }, (_, index) => start + (passed + index + 1) * hourMs)
}
