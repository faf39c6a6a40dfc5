/** How long an answer may be kept by whoever got it: until the next report is due, and no longer than it takes to notice a new model. */
import type { Knowledge } from '../knowledge.ts'

/** Where only one report is known, it is not known how often they come. */
const defaultIntervalMs = 60_000
const longestMs = 60_000

/** Whole seconds; 0 once the next report is overdue. `until` is when time alone makes the answer untrue. */
export const freshSeconds = (
  knowledge: Knowledge,
  asOf: number | null,
  now: number,
  until = Number.POSITIVE_INFINITY,
): number => {
  if (asOf === null) return 0
  const dueAt = asOf + (knowledge.reportIntervalMs() ?? defaultIntervalMs)
  return Math.max(0, Math.floor((Math.min(dueAt, until, now + longestMs) - now) / 1000))
}
