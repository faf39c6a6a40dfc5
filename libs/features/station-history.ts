/*
 * The history of one station: a ring of slots derived from its readings.
 *
 * Every additive quantity is kept as a running total per slot (the slot's own value included), so the sum over any
 * window is one subtraction, whatever the window, and there is nothing to take out when time moves on. Totals are
 * integers modulo 2^32; a window's sum stays below that (see `maxLevel`), so the difference is exact.
 *
 * Invariant: everything here is a function of the set of readings, so the order in which they came does not matter as
 * long as each comes before the ring has moved past it.
 *
 * Memory a station: totals 27 KB, extremes 5 KB, levels 1 KB, and the readings (see readings.ts).
 */
import { clearExtremes, createExtremesTree, setLevelExtremes } from './level-extremes.ts'
import { createReadings, notPublished, type Readings } from './readings.ts'
import { ringSlots } from './slots.ts'

/** Columns of the running totals. An interval between two readings counts in the slot of the later one. */
export const total = {
  slots: 0,
  bikes: 1,
  bikesSquared: 2,
  departures: 3,
  arrivals: 4,
  coveredMs: 5,
  emptyMs: 6,
  dockCoveredMs: 7,
  fullMs: 8,
  jumps: 9,
} as const
const totalColumns = 10

/** What is known of the newest observation beyond its levels; NaN where not published. */
export const newestField = {
  observedAt: 0,
  polledAt: 1,
  reportedAt: 2,
  bikesDisabled: 3,
  docksDisabled: 4,
  isInstalled: 5,
  isRenting: 6,
  isReturning: 7,
  capacity: 8,
  latitude: 9,
  longitude: 10,
} as const
export const newestFieldCount = 11

export interface StationHistory {
  readonly readings: Readings
  /** Bikes at the newest reading in each slot of the ring; `notPublished` in a slot without one. */
  readonly bikes: Uint16Array
  /** A row of `totalColumns` for each slot of the ring. */
  readonly totals: Uint32Array
  readonly extremes: Uint16Array
  readonly newest: Float64Array
  /** NaN before the first reading. */
  newestSlot: number
  /** Where the newest slot lies in the ring. */
  newestIndex: number
  /** The newest reading that a rebalancing jump led to; NaN when there is none among the readings. */
  newestJumpAt: number
}

export const createStationHistory = (): StationHistory => ({
  readings: createReadings(),
  bikes: new Uint16Array(ringSlots).fill(notPublished),
  totals: new Uint32Array(ringSlots * totalColumns),
  extremes: createExtremesTree(),
  newest: new Float64Array(newestFieldCount).fill(Number.NaN),
  newestSlot: Number.NaN,
  newestIndex: 0,
  newestJumpAt: Number.NaN,
})

/** The ring index of the slot that lies `back` slots behind the newest; `back` is less than `ringSlots`. */
export const indexBack = (history: StationHistory, back: number): number => {
  const index = history.newestIndex - back
  return index < 0 ? index + ringSlots : index
}

/** Bikes in the slot that lies `back` slots behind the newest; NaN when there was no reading in it. */
export const bikesBack = (history: StationHistory, back: number): number => {
  const bikes = history.bikes[indexBack(history, back)]!
  return bikes === notPublished ? Number.NaN : bikes
}

/** The sum of a column over the `slots` slots that end with the newest. */
export const windowTotal = (history: StationHistory, column: number, slots: number): number => {
  const { totals } = history
  const now = totals[history.newestIndex * totalColumns + column]!
  return (now - totals[indexBack(history, slots) * totalColumns + column]!) >>> 0
}

/** Moves the ring on to `slot`: the slots between have no level and add nothing to the totals. */
export const advanceTo = (history: StationHistory, slot: number): void => {
  const steps = slot - history.newestSlot
  if (steps < ringSlots) for (let step = 0; step < steps; step++) openSlot(history)
  else restartRing(history)
  history.newestSlot = slot
}

/** Also for the first reading, from which the steps are NaN. */
const restartRing = (history: StationHistory): void => {
  history.bikes.fill(notPublished)
  history.totals.fill(0)
  clearExtremes(history.extremes)
  history.readings.start = 0
  history.readings.end = 0
  history.newestJumpAt = Number.NaN
}

const openSlot = (history: StationHistory): void => {
  const { totals } = history
  const index = history.newestIndex + 1 === ringSlots ? 0 : history.newestIndex + 1
  const from = history.newestIndex * totalColumns
  totals.copyWithin(index * totalColumns, from, from + totalColumns)
  history.bikes[index] = notPublished
  setLevelExtremes(history.extremes, index, -1)
  history.newestIndex = index
}

/** Adds to one column from `slot` on, as running totals want it: a single row when `slot` is the newest. */
export const addToTotal = (history: StationHistory, slot: number, column: number, amount: number): void => {
  if (amount === 0) return
  const { totals } = history
  for (let back = history.newestSlot - slot; back >= 0; back--) {
    const cell = indexBack(history, back) * totalColumns + column
    totals[cell] = totals[cell]! + amount
  }
}

/** Sets the level of a slot that is in the ring. */
export const setLevel = (history: StationHistory, slot: number, bikes: number): void => {
  const index = indexBack(history, history.newestSlot - slot)
  const known = history.bikes[index]!
  const before = known === notPublished ? 0 : known
  addToTotal(history, slot, total.slots, known === notPublished ? 1 : 0)
  addToTotal(history, slot, total.bikes, bikes - before)
  addToTotal(history, slot, total.bikesSquared, bikes * bikes - before * before)
  history.bikes[index] = bikes
  setLevelExtremes(history.extremes, index, bikes)
}
