/** The moments of a back-fill: multiples of a step, whatever the window's ends, so that a second run meets the same ones. */
export const STATUS_STEP_MS = 15 * 60_000
export const WEATHER_STEP_MS = 30 * 60_000

/** Moments in [from, to], ascending. */
export const gridMoments = (from: number, to: number, stepMs: number): number[] => {
  const first = Math.ceil(from / stepMs) * stepMs
  const count = Math.max(0, Math.floor((to - first) / stepMs) + 1)
  return Array.from({ length: count }, (_, index) => first + index * stepMs)
}

/** What a back-fill still has to do: the moments that have not been polled. */
export const missingMoments = (moments: readonly number[], polled: ReadonlySet<number>): number[] =>
  moments.filter((moment) => !polled.has(moment))
