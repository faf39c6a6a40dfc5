/*
 * Minimum and maximum of the levels over any run of slots: each block of 16 slots keeps its own, and what of a run fills no
 * block is looked at slot by slot. Unlike the usual monotonic queues it takes a value back (an open slot is overwritten, a
 * late reading goes back a day) for next to nothing, serves every window from one structure, and is a function of the
 * levels alone. Levels are stored as one more than the bikes, 0 being unknown; a block is two of them, the least known
 * one (`noLevel` when there is none) and the greatest.
 */
import { levelSlots } from './slots.ts'

export const slotsInBlock = 16
const noLevel = 0xffff

/** The parts of a history that are needed here; arrays are shared by `lanes` stations, see station-history.ts. */
interface Levels {
  readonly levels: Uint16Array
  readonly blocks: Uint16Array
  readonly lane: number
}

/** How many stations share their arrays. */
export const lanes = 64

/** A minimum and a maximum, in stored levels, that runs of slots are added to. */
export interface Extremes {
  low: number
  high: number
}

/** Of `lanes` stations that no level is known of. */
export const createBlocks = (): Uint16Array => {
  const blocks = new Uint16Array((levelSlots / slotsInBlock) * lanes * 2)
  for (let cell = 0; cell < blocks.length; cell += 2) blocks[cell] = noLevel
  return blocks
}

export const startExtremes = (extremes: Extremes): void => {
  extremes.low = noLevel
  extremes.high = 0
}

const blockCell = (slot: number, lane: number): number =>
  (((slot % levelSlots) / slotsInBlock) | 0) * (2 * lanes) + 2 * lane

export const clearBlock = ({ blocks, lane }: Levels, slot: number): void => {
  const cell = blockCell(slot, lane)
  blocks[cell] = noLevel
  blocks[cell + 1] = 0
}

/** Enters the stored level of a slot that had none. */
export const enterLevel = ({ blocks, lane }: Levels, slot: number, stored: number): void => {
  const cell = blockCell(slot, lane)
  if (stored < blocks[cell]!) blocks[cell] = stored
  if (stored > blocks[cell + 1]!) blocks[cell + 1] = stored
}

/** Makes the block that a slot lies in anew from its levels up to that slot: behind the newest lie the oldest. */
export const rebuildBlock = (history: Levels, slot: number): void => {
  clearBlock(history, slot)
  for (let each = slot - (slot % slotsInBlock); each <= slot; each++) {
    const stored = history.levels[(each % levelSlots) * lanes + history.lane]!
    if (stored !== 0) enterLevel(history, slot, stored)
  }
}

/** Adds the slots `first` to `last`, which are among the last 28 days. */
export const addExtremes = (history: Levels, first: number, last: number, extremes: Extremes): void => {
  const { blocks, lane } = history
  const firstWhole = first + ((slotsInBlock - (first % slotsInBlock)) % slotsInBlock)
  const afterWhole = last + 1 - ((last + 1) % slotsInBlock)
  if (firstWhole >= afterWhole) {
    addLevels(history, first, last, extremes)
    return
  }
  addLevels(history, afterWhole, last, extremes)
  addLevels(history, first, firstWhole - 1, extremes)
  let { low, high } = extremes
  let cell = blockCell(firstWhole, lane)
  for (let slot = firstWhole; slot < afterWhole; slot += slotsInBlock) {
    const least = blocks[cell]!
    const greatest = blocks[cell + 1]!
    if (least < low) low = least
    if (greatest > high) high = greatest
    cell += 2 * lanes
    if (cell >= blocks.length) cell -= blocks.length
  }
  extremes.low = low
  extremes.high = high
}

const addLevels = ({ levels, lane }: Levels, first: number, last: number, extremes: Extremes): void => {
  let { low, high } = extremes
  let cell = (first % levelSlots) * lanes + lane
  for (let slot = first; slot <= last; slot++) {
    const stored = levels[cell]!
    if (stored > high) high = stored
    if (stored < low && stored !== 0) low = stored
    cell += lanes
    if (cell >= levels.length) cell -= levels.length
  }
  extremes.low = low
  extremes.high = high
}
