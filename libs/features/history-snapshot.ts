import { forgetOldReadings } from './enter-observation.ts'
import { rebuildBlock, slotsInBlock } from './level-extremes.ts'
import { readingWords } from './readings.ts'
import { levelSlots, ringSlots } from './slots.ts'
import { type SnapshotReader, type SnapshotWriter, snapshotReader, snapshotWriter } from './snapshot-bytes.ts'
import {
  clearHistory,
  knownSlotsWindow,
  levelCell,
  noSlot,
  type StationHistory,
  storedLevel,
  total,
  totalColumns,
  totalsRow,
} from './station-history.ts'
import type { SystemLevels } from './system-levels.ts'

/**
 * The layout of a snapshot, in the numbers of snapshot-bytes.ts: the format, the newest slot, then
 *
 *   the levels of all slots, oldest first; a 0 is followed by how many there are of them |
 *   for each slot of the ring but the oldest a mask of the totals that grew in it, and by how much each |
 *   the jumps | the places | the readings, oldest first, word by word |
 *   docks and capacity in the slots of which the other stations' features may still want to know them, newest first.
 *
 * Only what cannot be worked out is in it. Some 12 KB where a station is read every 15 minutes.
 */
export const historyFormat = 2

/** The first of those that the levels do not tell; the others follow. */
const firstStored = total.bikesSquared + 1

/** Throws for a history that nothing was entered in. */
export const encodeHistory = (history: StationHistory, levels: SystemLevels): Uint8Array => {
  forgetOldReadings(history)
  const writer = snapshotWriter()
  writer.write(historyFormat)
  writer.write(history.newestSlot)
  writeLevels(history, writer)
  writeTotals(history, writer)
  writer.write(history.jumps.length)
  for (const jumpAt of history.jumps) writer.write(jumpAt)
  writeReadings(history, writer)
  const published: number[] = []
  levels.forEachReading(history.index, (slot, _, docks, capacity) => published.push(slot, docks, capacity))
  writer.write(published.length / 3)
  for (let at = 0; at < published.length; at += 3) {
    writer.write(history.newestSlot - published[at]!)
    writer.write(orZero(published[at + 1]!))
    writer.write(orZero(published[at + 2]!))
  }
  return writer.bytes()
}

/** One more than a number, 0 when it is missing. */
const orZero = (value: number): number => (Number.isNaN(value) ? 0 : value + 1)
const orMissing = (stored: number): number => (stored === 0 ? Number.NaN : stored - 1)

const writeLevels = (history: StationHistory, writer: SnapshotWriter): void => {
  const { newestSlot } = history
  for (let slot = newestSlot - levelSlots + 1; slot <= newestSlot; ) {
    const stored = storedLevel(history, slot++)
    writer.write(stored)
    if (stored !== 0) continue
    let zeros = 1
    for (; slot <= newestSlot && storedLevel(history, slot) === 0; slot++) zeros++
    writer.write(zeros)
  }
}

const writeTotals = (history: StationHistory, writer: SnapshotWriter): void => {
  const { totals, newestSlot } = history
  for (let slot = newestSlot - ringSlots + 2; slot <= newestSlot; slot++) {
    const row = totalsRow(history, slot)
    const before = totalsRow(history, slot - 1)
    let mask = 0
    for (let column = firstStored; column < totalColumns; column++)
      if (totals[row + column] !== totals[before + column]) mask |= 1 << (column - firstStored)
    writer.write(mask)
    for (let column = firstStored; mask !== 0; column++, mask >>>= 1)
      if (mask & 1) writer.write((totals[row + column]! - totals[before + column]!) >>> 0)
  }
}

const writeReadings = ({ readings }: StationHistory, writer: SnapshotWriter): void => {
  const { cells, start, end, newestAt, places } = readings
  writer.write(places.length)
  for (const { capacity, latitude, longitude } of places) {
    writer.writeFloat(capacity)
    writer.writeFloat(latitude)
    writer.writeFloat(longitude)
  }
  writer.write(newestAt)
  writer.write(end - start)
  for (let cell = start * readingWords; cell < end * readingWords; cell++) writer.write(cells[cell]!)
}

/**
 * Puts a history where it was when the snapshot was taken, and its levels among those of the system. Throws on another
 * format, or on bytes that are cut short; then the history is not to be used.
 */
export const decodeHistory = (bytes: Uint8Array, history: StationHistory, levels: SystemLevels): void => {
  const reader = snapshotReader(bytes)
  const format = bytes.length > 0 ? reader.read() : Number.NaN
  if (format !== historyFormat)
    throw new Error(
      `A history in format ${format} cannot be read, only format ${historyFormat}: rebuild it from the log instead.`,
    )
  const newestSlot = reader.read()
  if (history.newestSlot !== noSlot) clearHistory(history)
  history.newestSlot = newestSlot
  readLevels(history, reader)
  readTotals(history, reader)
  for (let left = reader.read(); left > 0; left--) history.jumps.push(reader.read())
  readReadings(history, reader)
  levels.clear(history.index)
  for (let left = reader.read(); left > 0; left--) {
    const slot = history.newestSlot - reader.read()
    const docks = orMissing(reader.read())
    const capacity = orMissing(reader.read())
    levels.put(history.index, slot, storedLevel(history, slot) - 1, docks, capacity)
  }
  if (!reader.isAtEnd()) throw new Error(`A history of ${bytes.length} bytes is too long: it is damaged.`)
}

const readLevels = (history: StationHistory, reader: SnapshotReader): void => {
  const { levels, newestSlot } = history
  for (let slot = newestSlot - levelSlots + 1; slot <= newestSlot; slot++) {
    const stored = reader.read()
    if (stored === 0) slot += reader.read() - 1
    else {
      levels[levelCell(history, slot)] = stored
      if (slot > newestSlot - knownSlotsWindow) history.knownSlots++
    }
  }
  for (let last = newestSlot; last > newestSlot - ringSlots; last -= (last % slotsInBlock) + 1)
    rebuildBlock(history, last)
}

const readTotals = (history: StationHistory, reader: SnapshotReader): void => {
  const { totals, newestSlot } = history
  for (let slot = newestSlot - ringSlots + 2; slot <= newestSlot; slot++) {
    const row = totalsRow(history, slot)
    const before = totalsRow(history, slot - 1)
    for (let column = 0; column < totalColumns; column++) totals[row + column] = totals[before + column]!
    const stored = storedLevel(history, slot)
    if (stored !== 0) {
      const bikes = stored - 1
      totals[row + total.slots] = totals[row + total.slots]! + 1
      totals[row + total.bikes] = totals[row + total.bikes]! + bikes
      totals[row + total.bikesSquared] = totals[row + total.bikesSquared]! + bikes * bikes
    }
    let mask = reader.read()
    for (let column = firstStored; mask !== 0; column++, mask >>>= 1)
      if (mask & 1) totals[row + column] = totals[row + column]! + reader.read()
  }
}

const readReadings = ({ readings }: StationHistory, reader: SnapshotReader): void => {
  readings.places = []
  for (let left = reader.read(); left > 0; left--)
    readings.places.push({
      capacity: reader.readFloat(),
      latitude: reader.readFloat(),
      longitude: reader.readFloat(),
    })
  readings.newestAt = reader.read()
  const count = reader.read()
  readings.start = 0
  readings.end = count
  readings.cells = new Uint32Array((count + 32) * readingWords)
  for (let cell = 0; cell < count * readingWords; cell++) readings.cells[cell] = reader.read()
}

/**
 * The levels of a snapshot alone: the newest slot, and one more than the bikes in it and in those before; 0 is not known. Null for
 * another format.
 */
export const snapshotLevels = (bytes: Uint8Array): { newestSlot: number; levels: Uint16Array } | null => {
  const reader = snapshotReader(bytes)
  if (bytes.length === 0 || reader.read() !== historyFormat) return null
  const newestSlot = reader.read()
  const levels = new Uint16Array(levelSlots)
  for (let back = levelSlots - 1; back >= 0; back--) {
    const stored = reader.read()
    if (stored === 0) back -= reader.read() - 1
    else levels[back] = stored
  }
  return { newestSlot, levels }
}
