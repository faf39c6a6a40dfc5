/*
 * The history of one station: rings of slots, made from its readings one after another.
 *
 * Every additive quantity is kept as a running total per slot (the slot's own value included), so the sum over any
 * window is one subtraction, whatever the window, and there is nothing to take out when time moves on. Totals are
 * integers modulo 2^32; a window's sum stays below that (see `maxLevel`), so the difference is exact: it never drifts.
 *
 * A history only ever grows at its end. What comes late is entered by going back to the slot before it (`rewind`) and
 * growing again from the readings: so whatever the order, the history is a function of the set of readings.
 *
 * Memory: 64 stations share their arrays, slot by slot, not station by station. A poll comes to the stations in order, and
 * all look at the same few slots: what one station fetches from memory holds what the next ones need. 43 KB a station.
 */
import { clearBlock, createBlocks, enterLevel, lanes, rebuildBlock, slotsInBlock } from './level-extremes.ts'
import { createReadings, type Readings } from './readings.ts'
import { levelSlots, ringSlots, slotOf, slotsInDay } from './slots.ts'

/** Columns of the running totals. An interval between two readings counts in the slot of the later one. */
export const total = {
  slots: 0,
  bikes: 1,
  bikesSquared: 2,
  departures: 3,
  arrivals: 4,
  ebikeDepartures: 5,
  ebikeArrivals: 6,
  coveredMs: 7,
  emptyMs: 8,
  dockCoveredMs: 9,
  fullMs: 10,
  jumps: 11,
} as const
export const totalColumns = 12

/** The slots of which the known ones are counted: those that the climatology is made of. */
export const knownSlotsWindow = 28 * slotsInDay

export interface Chunk {
  /** For each slot of the ring, for each lane, a row of `totalColumns`. */
  readonly totals: Uint32Array
  /** For each slot, for each lane: one more than the bikes at the newest reading in it, 0 without one. */
  readonly levels: Uint16Array
  /** See level-extremes.ts. */
  readonly blocks: Uint16Array
}

export const createChunk = (): Chunk => ({
  totals: new Uint32Array(ringSlots * lanes * totalColumns),
  levels: new Uint16Array(levelSlots * lanes),
  blocks: createBlocks(),
})

export interface StationHistory extends Chunk {
  readonly stationId: string
  /** Its number among the stations of its system. */
  readonly index: number
  readonly lane: number
  readonly readings: Readings
  /** Whole; `noSlot` before the first reading. */
  newestSlot: number
  /** The number of the weather location that it belongs to. */
  location: number
  /** Known ones among the `knownSlotsWindow` that end with the newest. */
  knownSlots: number
  /** When the readings were made that rebalancing jumps led to, oldest first; at least those of the last 168 h. */
  jumps: number[]
}

export const noSlot = -1

export const createStationHistory = (stationId: string, index: number, chunk: Chunk): StationHistory => ({
  ...chunk,
  stationId,
  index,
  lane: index % lanes,
  readings: createReadings(),
  newestSlot: noSlot,
  location: 0,
  knownSlots: 0,
  jumps: [],
})

/** Where a slot's row of totals begins. */
export const totalsRow = (history: StationHistory, slot: number): number =>
  ((slot % ringSlots) * lanes + history.lane) * totalColumns

/** The sum of a column over the slots after the one whose row is `from`, up to the one whose row is `to`. */
export const totalBetween = (totals: Uint32Array, from: number, to: number, column: number): number =>
  (totals[to + column]! - totals[from + column]!) >>> 0

/** Where the stored level of a slot is. */
export const levelCell = (history: StationHistory, slot: number): number =>
  (slot % levelSlots) * lanes + history.lane

/** One more than the bikes in a slot of the last 28 days; 0 when there was no reading in it. */
export const storedLevel = (history: StationHistory, slot: number): number =>
  history.levels[levelCell(history, slot)]!

/** Bikes in a slot of the last 28 days; NaN when there was no reading in it. */
export const bikesIn = (history: StationHistory, slot: number): number => {
  const stored = history.levels[levelCell(history, slot)]!
  return stored === 0 ? Number.NaN : stored - 1
}

/** Moves on to `slot`: the slots between have no level and add nothing to the totals. */
export const advanceTo = (history: StationHistory, slot: number): void => {
  const isFirst = history.newestSlot === noSlot
  if (isFirst || slot - history.newestSlot > levelSlots) {
    if (!isFirst) clearHistory(history)
    history.newestSlot = slot - 1
  }
  while (history.newestSlot < slot) openSlot(history)
}

/** Makes all slots as they are in a history that nothing was entered in. */
export const clearHistory = (history: StationHistory): void => {
  for (let slot = 0; slot < levelSlots; slot++) history.levels[levelCell(history, slot)] = 0
  for (let slot = 0; slot < levelSlots; slot += slotsInBlock) clearBlock(history, slot)
  for (let slot = 0; slot < ringSlots; slot++) {
    const row = totalsRow(history, slot)
    history.totals.fill(0, row, row + totalColumns)
  }
  history.jumps = []
  history.knownSlots = 0
  history.newestSlot = noSlot
}

const openSlot = (history: StationHistory): void => {
  const { totals, levels } = history
  const slot = history.newestSlot + 1
  const from = totalsRow(history, slot - 1)
  const to = totalsRow(history, slot)
  for (let column = 0; column < totalColumns; column++) totals[to + column] = totals[from + column]!
  levels[levelCell(history, slot)] = 0
  if (levels[levelCell(history, slot - knownSlotsWindow)] !== 0) history.knownSlots--
  if (slot % slotsInBlock === 0) clearBlock(history, slot)
  history.newestSlot = slot
}

/** Goes back to `slot`, at most 24 h and a slot, as if nothing had been read after it. */
export const rewind = (history: StationHistory, slot: number): void => {
  for (; history.newestSlot > slot; history.newestSlot--) {
    const cell = levelCell(history, history.newestSlot)
    if (history.levels[cell] !== 0) history.knownSlots--
    if (history.levels[levelCell(history, history.newestSlot - knownSlotsWindow)] !== 0) history.knownSlots++
    history.levels[cell] = 0
  }
  rebuildBlock(history, slot)
  while (history.jumps.length > 0 && slotOf(history.jumps.at(-1)!) > slot) history.jumps.pop()
}

/** Sets the level of the newest slot. */
export const setLevel = (history: StationHistory, bikes: number): void => {
  const { totals, levels, newestSlot } = history
  const cell = levelCell(history, newestSlot)
  const stored = levels[cell]!
  const before = stored === 0 ? 0 : stored - 1
  const row = totalsRow(history, newestSlot)
  if (stored === 0) {
    totals[row + total.slots] = totals[row + total.slots]! + 1
    history.knownSlots++
  }
  totals[row + total.bikes] = totals[row + total.bikes]! + bikes - before
  totals[row + total.bikesSquared] = totals[row + total.bikesSquared]! + bikes * bikes - before * before
  levels[cell] = bikes + 1
  if (stored === 0) enterLevel(history, newestSlot, bikes + 1)
  else if (stored !== bikes + 1) rebuildBlock(history, newestSlot)
}
