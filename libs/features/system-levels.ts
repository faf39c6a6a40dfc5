/*
 * What was last known of every station of a system in each slot, and the sums over them. It is a function of the levels in
 * the stations' histories and is made again from them after a restore. A reading costs one entry and its share of seven
 * sums; a new slot costs a copy of the one before.
 *
 * Features look at the slot before an observation's own: by then all of its readings have come, so the order within a poll
 * does not matter. 1.7 KB a station.
 */
import { latenessSlots, slotsInDay, slotsInHour } from './slots.ts'

/** A level that is older says nothing of now. */
const freshSlots = 3 * slotsInHour
/** A station that has been silent for longer is nobody's neighbour. */
const activeSlots = slotsInDay

/** Far enough for the day before a vector that a late observation makes due again, with the levels carried on to there. */
export const systemSlots = 208

/** An observation further behind the system's newest sees nothing of the other stations. */
const visibleSlots = latenessSlots

/** Of an entry: slots since the reading plus one (0: none, or more than a day ago), bikes, docks, capacity (0: not known). */
const entryWords = 4
const age = 0
const bikesWord = 1
const docksWord = 2
const capacityWord = 3

/** Columns of the sums over the stations. */
export const systemSum = {
  active: 0,
  fresh: 1,
  empty: 2,
  withDocks: 3,
  full: 4,
  /** Of those whose capacity is known. */
  bikes: 5,
  capacity: 6,
} as const
const sumColumns = 7

const noDocks = 0xffff

/** Levels of a few stations, or of all, at one slot. */
export interface LevelSums {
  fresh: number
  empty: number
  withDocks: number
  full: number
  bikes: number
  capacity: number
}

export const createLevelSums = (): LevelSums => ({
  fresh: 0,
  empty: 0,
  withDocks: 0,
  full: 0,
  bikes: 0,
  capacity: 0,
})

export interface SystemLevels {
  /**
   * Puts the level of a station in a slot where it belongs: later slots without a reading of their own have it too.
   * Docks and capacity are NaN where not known.
   */
  readonly put: (station: number, slot: number, bikes: number, docks: number, capacity: number) => void
  /** Takes a station out altogether. */
  readonly clear: (station: number) => void
  /** Whether vectors of a slot see the other stations. */
  readonly isVisible: (slot: number) => boolean
  /** Whether a station has had a reading in the 24 h that end with a slot. */
  readonly isActive: (station: number, slot: number) => boolean
  readonly activeStations: (slot: number) => number
  /** Adds a station to the sums, when it has a level that is not too old. */
  readonly add: (station: number, slot: number, sums: LevelSums) => void
  /** The sums over all stations. */
  readonly all: (slot: number, sums: LevelSums) => void
  /** Calls back for each slot in which the station had a reading, newest first: in this order it is quickest put back. */
  readonly forEachReading: (
    station: number,
    take: (slot: number, bikes: number, docks: number, capacity: number) => void,
  ) => void
}

export const createSystemLevels = (): SystemLevels => {
  let room = 64
  let stations = 0
  let entries = new Uint16Array(systemSlots * room * entryWords)
  const sums = new Int32Array(systemSlots * sumColumns)
  let newestSlot = Number.NEGATIVE_INFINITY

  const cellOf = (station: number, slot: number): number =>
    ((slot % systemSlots) * room + station) * entryWords
  const sumsOf = (slot: number): number => (slot % systemSlots) * sumColumns

  const grow = (): void => {
    const grown = new Uint16Array(systemSlots * room * 2 * entryWords)
    for (let slot = 0; slot < systemSlots; slot++)
      grown.set(
        entries.subarray(slot * room * entryWords, (slot + 1) * room * entryWords),
        slot * room * 2 * entryWords,
      )
    entries = grown
    room *= 2
  }

  /** Adds an entry to the sums of its slot, or takes it out. */
  const count = (cell: number, to: number, sign: 1 | -1): void => {
    const since = entries[cell + age]!
    if (since === 0) return
    sums[to + systemSum.active]! += sign
    if (since <= freshSlots + 1) countFresh(cell, to, sign)
  }

  const countFresh = (cell: number, to: number, sign: 1 | -1): void => {
    const bikes = entries[cell + bikesWord]!
    const docks = entries[cell + docksWord]!
    const capacity = entries[cell + capacityWord]!
    sums[to + systemSum.fresh]! += sign
    if (bikes === 0) sums[to + systemSum.empty]! += sign
    if (docks !== noDocks) sums[to + systemSum.withDocks]! += sign
    if (docks === 0) sums[to + systemSum.full]! += sign
    if (capacity === 0) return
    sums[to + systemSum.bikes]! += sign * bikes
    sums[to + systemSum.capacity]! += sign * capacity
  }

  /** Every level becomes a slot older. */
  const openSlot = (slot: number): void => {
    const from = cellOf(0, slot - 1)
    const to = cellOf(0, slot)
    entries.copyWithin(to, from, from + stations * entryWords)
    const sumsTo = sumsOf(slot)
    sums.copyWithin(sumsTo, sumsOf(slot - 1), sumsOf(slot - 1) + sumColumns)
    for (let cell = to; cell < to + stations * entryWords; cell += entryWords) {
      const since = entries[cell + age]!
      if (since === 0) continue
      if (since === freshSlots + 1) countFresh(cell, sumsTo, -1)
      if (since === activeSlots) {
        entries[cell + age] = 0
        sums[sumsTo + systemSum.active]!--
      } else entries[cell + age] = since + 1
    }
    newestSlot = slot
  }

  const advanceTo = (slot: number): void => {
    if (slot - newestSlot > systemSlots) {
      entries.fill(0)
      sums.fill(0)
      newestSlot = slot
    }
    while (newestSlot < slot) openSlot(newestSlot + 1)
  }

  return {
    put: (station, slot, bikes, docks, capacity) => {
      while (station >= room) grow()
      if (station >= stations) stations = station + 1
      advanceTo(slot)
      const isCapacityKnown = capacity > 0 && capacity <= 0xffff && Number.isInteger(capacity)
      const oldest = newestSlot - systemSlots + 1
      for (let each = Math.max(slot, oldest); each <= newestSlot && each - slot < activeSlots; each++) {
        const cell = cellOf(station, each)
        const since = entries[cell + age]!
        // From here on a newer reading counts.
        if (each > slot && since !== 0 && since <= each - slot) return
        count(cell, sumsOf(each), -1)
        entries[cell + age] = each - slot + 1
        entries[cell + bikesWord] = bikes
        entries[cell + docksWord] = Number.isNaN(docks) ? noDocks : docks
        entries[cell + capacityWord] = isCapacityKnown ? capacity : 0
        count(cell, sumsOf(each), 1)
      }
    },
    clear: (station) => {
      if (station >= stations) return
      for (let slot = 0; slot < systemSlots; slot++) {
        const cell = cellOf(station, slot)
        count(cell, sumsOf(slot), -1)
        entries[cell + age] = 0
      }
    },
    isVisible: (slot) => slot >= newestSlot - visibleSlots,
    isActive: (station, slot) => entries[cellOf(station, slot) + age] !== 0,
    activeStations: (slot) => sums[sumsOf(slot) + systemSum.active]!,
    add: (station, slot, to) => {
      const cell = cellOf(station, slot)
      const since = entries[cell + age]!
      if (since === 0 || since > freshSlots + 1) return
      const bikes = entries[cell + bikesWord]!
      const docks = entries[cell + docksWord]!
      const capacity = entries[cell + capacityWord]!
      to.fresh++
      if (bikes === 0) to.empty++
      if (docks !== noDocks) to.withDocks++
      if (docks === 0) to.full++
      if (capacity === 0) return
      to.bikes += bikes
      to.capacity += capacity
    },
    all: (slot, to) => {
      const from = sumsOf(slot)
      to.fresh = sums[from + systemSum.fresh]!
      to.empty = sums[from + systemSum.empty]!
      to.withDocks = sums[from + systemSum.withDocks]!
      to.full = sums[from + systemSum.full]!
      to.bikes = sums[from + systemSum.bikes]!
      to.capacity = sums[from + systemSum.capacity]!
    },
    forEachReading: (station, take) => {
      if (station >= stations) return
      for (let slot = newestSlot; slot > newestSlot - systemSlots; slot--) {
        const cell = cellOf(station, slot)
        if (entries[cell + age] !== 1) continue
        const docks = entries[cell + docksWord]!
        const capacity = entries[cell + capacityWord]!
        take(
          slot,
          entries[cell + bikesWord]!,
          docks === noDocks ? Number.NaN : docks,
          capacity === 0 ? Number.NaN : capacity,
        )
      }
    },
  }
}
