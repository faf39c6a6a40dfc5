import { bikesAt, docksAt, ebikesAt, millisecondsBetween, notPublished, type Readings } from './readings.ts'
import { minuteMs } from './slots.ts'
import { addToTotal, type StationHistory, total } from './station-history.ts'

/** Two readings further apart than this say nothing of what happened between them. */
export const maxIntervalMs = 60 * minuteMs

/** A change between two readings from which a truck is the likelier cause than riders: it is dropped from flow. */
export const rebalancingJump = 5

/**
 * Counts (`sign` 1) or takes back (-1) in the totals of `slot` what happened between two readings that follow each
 * other. The level of the earlier one is taken to have lasted until the later one.
 */
export const countInterval = (
  history: StationHistory,
  earlier: number,
  later: number,
  slot: number,
  sign: 1 | -1,
): void => {
  const { readings } = history
  const elapsedMs = millisecondsBetween(readings.times[earlier]!, readings.times[later]!)
  if (elapsedMs > maxIntervalMs) return
  const docks = docksAt(readings, earlier)
  addToTotal(history, slot, total.coveredMs, sign * elapsedMs)
  if (bikesAt(readings, earlier) === 0) addToTotal(history, slot, total.emptyMs, sign * elapsedMs)
  if (docks !== notPublished) addToTotal(history, slot, total.dockCoveredMs, sign * elapsedMs)
  if (docks === 0) addToTotal(history, slot, total.fullMs, sign * elapsedMs)

  const electric = electricChange(readings, earlier, later)
  const pedal = bikesAt(readings, later) - bikesAt(readings, earlier) - electric
  if (isJump(electric, pedal)) {
    addToTotal(history, slot, total.jumps, sign)
    return
  }
  addToTotal(history, slot, total.departures, sign * (Math.max(-electric, 0) + Math.max(-pedal, 0)))
  addToTotal(history, slot, total.arrivals, sign * (Math.max(electric, 0) + Math.max(pedal, 0)))
}

/** Whether a rebalancing jump led to the reading at `later`. */
export const isJumpTo = (readings: Readings, later: number): boolean => {
  const earlier = later - 1
  if (earlier < readings.start) return false
  if (millisecondsBetween(readings.times[earlier]!, readings.times[later]!) > maxIntervalMs) return false
  const electric = electricChange(readings, earlier, later)
  return isJump(electric, bikesAt(readings, later) - bikesAt(readings, earlier) - electric)
}

/**
 * Flow is counted by type where types are published, for an e-bike that comes while a pedal bike leaves is two trips
 * and no change in all; where they are not, every bike counts as a pedal bike.
 */
const electricChange = (readings: Readings, earlier: number, later: number): number => {
  const before = ebikesAt(readings, earlier)
  const after = ebikesAt(readings, later)
  return before === notPublished || after === notPublished ? 0 : after - before
}

const isJump = (electric: number, pedal: number): boolean =>
  Math.abs(electric + pedal) >= rebalancingJump ||
  Math.abs(electric) >= rebalancingJump ||
  Math.abs(pedal) >= rebalancingJump
