import { bikesAt, docksAt, ebikesAt, millisecondsBetween, notPublished, type Readings } from './readings.ts'
import { minuteMs } from './slots.ts'
import { type StationHistory, total, totalsRow } from './station-history.ts'

/** Two readings further apart than this say nothing of what happened between them. */
export const maxIntervalMs = 60 * minuteMs

/** A change between two readings from which a truck is the likelier cause than riders: it is dropped from flow. */
export const rebalancingJump = 5

/**
 * Counts in the totals of the newest slot what happened between two readings that follow each other, of which the later
 * lies in it. The level of the earlier one is taken to have lasted until the later one. Says whether it was a jump.
 */
export const countInterval = (history: StationHistory, earlier: number, later: number): boolean => {
  const { readings, totals } = history
  const elapsedMs = millisecondsBetween(readings, earlier, later)
  if (elapsedMs > maxIntervalMs) return false
  const row = totalsRow(history, history.newestSlot)
  const bikes = bikesAt(readings, earlier)
  const docks = docksAt(readings, earlier)
  add(totals, row + total.coveredMs, elapsedMs)
  if (bikes === 0) add(totals, row + total.emptyMs, elapsedMs)
  if (docks !== notPublished) add(totals, row + total.dockCoveredMs, elapsedMs)
  if (docks === 0) add(totals, row + total.fullMs, elapsedMs)

  const electric = electricChange(readings, earlier, later)
  const pedal = bikesAt(readings, later) - bikes - electric
  if (isJump(electric, pedal)) {
    add(totals, row + total.jumps, 1)
    return true
  }
  if (electric > 0) add(totals, row + total.ebikeArrivals, electric)
  if (electric < 0) add(totals, row + total.ebikeDepartures, -electric)
  const arrivals = Math.max(electric, 0) + Math.max(pedal, 0)
  const departures = Math.max(-electric, 0) + Math.max(-pedal, 0)
  if (arrivals > 0) add(totals, row + total.arrivals, arrivals)
  if (departures > 0) add(totals, row + total.departures, departures)
  return false
}

const add = (totals: Uint32Array, cell: number, amount: number): void => {
  totals[cell] = totals[cell]! + amount
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
