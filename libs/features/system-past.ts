/*
 * What was seen at every station of a system in the last 28 days, slot by slot: what a target's features look back at. A
 * model's rows and a predictor's answers are made of the same, so it is one piece of code, fed by observations in either.
 * 11 KB a station.
 */
import { createNearestStations } from './nearest-stations.ts'
import { levelSlots, slotMs, slotOf, slotsInDay } from './slots.ts'

/** Bikes in a slot; NaN where nothing was observed. A slot's level is that of its newest observation. */
export type BikesIn = (slot: number) => number

/** One station's past. */
export interface StationPast {
  readonly bikesIn: BikesIn
  /**
   * How full the nearest stations with known capacities were on average in a slot, 0 to 1 and above; NaN where none was
   * observed. For a station that has no past of its own.
   */
  readonly nearbyFillIn: BikesIn
  /** What `bikesIn` says of the slots from `first` on, so many as `into` has places, but for -1 where it says NaN. */
  readonly readBikes: (first: number, into: Int32Array) => void
}

/** Of a station of which nothing is known. */
export const noPast: StationPast = {
  bikesIn: () => Number.NaN,
  nearbyFillIn: () => Number.NaN,
  readBikes: (_first, into) => void into.fill(-1),
}

export interface SystemPast {
  /** Takes in an observation, at most 28 days behind the station's newest, in any order. */
  readonly put: (stationId: string, observedAt: number, bikes: number) => void
  /** Puts a station on the map. NaN is not known. */
  readonly place: (stationId: string, latitude: number, longitude: number, capacity: number) => void
  readonly of: (stationId: string) => StationPast
  /** Of every station that has a past: the newest slot, and one more than the bikes in it and those before; 0 is not known. */
  readonly all: () => Iterable<[stationId: string, newestSlot: number, levels: Uint16Array]>
  /**
   * The moment up to which the past of every station is known, leaving out those that fell silent a day before the newest;
   * null when nothing is.
   */
  readonly knownUntil: () => number | null
  /** Takes in levels as `all` gives them; observations that were put in already are newer. */
  readonly restore: (stationId: string, newestSlot: number, levels: Uint16Array) => void
}

/** As many as the neighbours of a vector. */
const nearbyCount = 5
/** When in its slot an observation was made, in steps of 16 ms, so that 15 minutes fit 16 bits. */
const momentStepMs = 16

interface Station extends StationPast {
  readonly index: number
  capacity: number
  newestSlot: number
  /** One more than the bikes; 0 is not known. */
  readonly levels: Uint16Array
  readonly moments: Uint16Array
}

export const createSystemPast = (): SystemPast => {
  const stations = new Map<string, Station>()
  const byIndex: Station[] = []
  const nearest = createNearestStations()
  const found = new Int32Array(nearbyCount)

  const stationOf = (stationId: string): Station => {
    const known = stations.get(stationId)
    if (known) return known
    const index = byIndex.length
    const levels = new Uint16Array(levelSlots)
    const station: Station = {
      index,
      capacity: Number.NaN,
      newestSlot: Number.NEGATIVE_INFINITY,
      levels,
      moments: new Uint16Array(levelSlots),
      bikesIn: (slot) => {
        if (slot > station.newestSlot || slot <= station.newestSlot - levelSlots) return Number.NaN
        const stored = levels[slot % levelSlots]!
        return stored === 0 ? Number.NaN : stored - 1
      },
      readBikes: (first, into) => {
        const oldest = station.newestSlot - levelSlots + 1
        let cell = first % levelSlots
        // Most lie within what is known, and in a row.
        if (
          first >= oldest &&
          first + into.length <= station.newestSlot + 1 &&
          cell + into.length <= levelSlots
        ) {
          for (let place = 0; place < into.length; place++) into[place] = levels[cell + place]! - 1
          return
        }
        for (let place = 0; place < into.length; place++) {
          const slot = first + place
          into[place] = slot >= oldest && slot <= station.newestSlot ? levels[cell]! - 1 : -1
          if (++cell === levelSlots) cell = 0
        }
      },
      nearbyFillIn: (slot) => {
        const count = nearest.find(index, nearbyCount, byIndex.length, hasCapacity, found)
        let bikes = 0
        let capacity = 0
        for (let place = 0; place < count; place++) {
          const other = byIndex[found[place]!]!
          const level = other.bikesIn(slot)
          if (Number.isNaN(level)) continue
          bikes += level
          capacity += other.capacity
        }
        return bikes / capacity
      },
    }
    stations.set(stationId, station)
    byIndex.push(station)
    nearest.place(index, stationId, Number.NaN, Number.NaN)
    return station
  }

  const hasCapacity = (index: number): boolean => byIndex[index]!.capacity > 0

  const advance = (station: Station, slot: number): void => {
    const first = Math.max(station.newestSlot + 1, slot - levelSlots + 1)
    for (let each = first; each <= slot; each++) {
      station.levels[each % levelSlots] = 0
      station.moments[each % levelSlots] = 0
    }
    station.newestSlot = slot
  }

  return {
    put: (stationId, observedAt, bikes) => {
      const station = stationOf(stationId)
      const slot = slotOf(observedAt)
      if (slot > station.newestSlot) advance(station, slot)
      if (slot <= station.newestSlot - levelSlots) return
      const cell = slot % levelSlots
      const moment = Math.floor((observedAt - slot * slotMs + slotMs / 2) / momentStepMs)
      if (station.levels[cell] !== 0 && station.moments[cell]! > moment) return
      station.levels[cell] = bikes + 1
      station.moments[cell] = moment
    },
    place: (stationId, latitude, longitude, capacity) => {
      const station = stationOf(stationId)
      station.capacity = capacity
      nearest.place(station.index, stationId, latitude, longitude)
    },
    of: (stationId) => stations.get(stationId) ?? noPast,
    *all() {
      for (const [stationId, { newestSlot, levels }] of stations) {
        if (!Number.isFinite(newestSlot)) continue
        const newestFirst = new Uint16Array(levelSlots)
        const cells = (newestSlot % levelSlots) + 1
        newestFirst.set(levels.subarray(0, cells).toReversed())
        newestFirst.set(levels.subarray(cells).toReversed(), cells)
        yield [stationId, newestSlot, newestFirst]
      }
    },
    knownUntil: () => {
      let newest = Number.NEGATIVE_INFINITY
      for (const { newestSlot } of byIndex) newest = Math.max(newest, newestSlot)
      let until = newest
      for (const { newestSlot } of byIndex)
        if (newestSlot >= newest - slotsInDay) until = Math.min(until, newestSlot)
      return Number.isFinite(until) ? until * slotMs : null
    },
    restore: (stationId, newestSlot, levels) => {
      const station = stationOf(stationId)
      if (newestSlot > station.newestSlot) advance(station, newestSlot)
      const known = Math.min(levels.length, newestSlot - (station.newestSlot - levelSlots))
      let cell = newestSlot % levelSlots
      for (let back = 0; back < known; back++) {
        if (station.levels[cell] === 0) station.levels[cell] = levels[back]!
        cell = cell === 0 ? levelSlots - 1 : cell - 1
      }
    },
  }
}
