/*
 * What was seen at each station in each slot: the truth for rows made earlier, and the past for the naive forecasts of
 * rows made later. 10 bytes a station and slot: 500 stations over 60 days are 29 MB, and that is all that grows with time.
 */
import { slotMs, slotOf } from '@velocast/features'

const notKnown = 0xffff
const columns = 5
const bikesColumn = 0
const docksColumn = 1
const departuresColumn = 2
/** When in its slot the newest observation was made, in steps of 16 ms, so that 15 minutes fit 16 bits. */
const momentColumn = 3
const arrivalsColumn = 4
const momentStepMs = 16

export interface SlotLevels {
  /** Takes in an observation, in any order: a slot keeps its newest one. Slots before the first are left out. */
  readonly put: (station: number, observedAt: number, bikes: number, docks: number | null) => void
  /** Departures and arrivals of the hour that ends in the slot; NaN takes back what was said. */
  readonly putFlows: (station: number, slot: number, departures: number, arrivals: number) => void
  /** NaN where nothing was observed or published. */
  readonly bikesIn: (station: number, slot: number) => number
  readonly docksIn: (station: number, slot: number) => number
  readonly departuresIn: (station: number, slot: number) => number
  readonly arrivalsIn: (station: number, slot: number) => number
}

/** Stations are numbered from 0. */
export const createSlotLevels = (firstSlot: number): SlotLevels => {
  const stations: Uint16Array[] = []

  const cellOf = (station: number, slot: number): number => {
    const known = stations[station]
    const cell = (slot - firstSlot) * columns
    if (known && cell < known.length) return cell
    const grown = new Uint16Array(Math.max(cell + columns, (known?.length ?? 64 * columns) * 2))
    grown.fill(notKnown)
    if (known) grown.set(known)
    stations[station] = grown
    return cell
  }

  const read = (station: number, slot: number, column: number): number => {
    if (slot < firstSlot) return Number.NaN
    const value = stations[station]?.[(slot - firstSlot) * columns + column] ?? notKnown
    return value === notKnown ? Number.NaN : value
  }

  return {
    put: (station, observedAt, bikes, docks) => {
      const slot = slotOf(observedAt)
      if (slot < firstSlot) return
      const cell = cellOf(station, slot)
      const levels = stations[station]!
      const moment = Math.floor((observedAt - slot * slotMs + slotMs / 2) / momentStepMs)
      const known = levels[cell + momentColumn]!
      if (known !== notKnown && known > moment) return
      levels[cell + bikesColumn] = bikes
      levels[cell + docksColumn] = docks ?? notKnown
      levels[cell + momentColumn] = moment
    },
    putFlows: (station, slot, departures, arrivals) => {
      if (slot < firstSlot) return
      const cell = cellOf(station, slot)
      stations[station]![cell + departuresColumn] = Number.isNaN(departures) ? notKnown : departures
      stations[station]![cell + arrivalsColumn] = Number.isNaN(arrivals) ? notKnown : arrivals
    },
    bikesIn: (station, slot) => read(station, slot, bikesColumn),
    docksIn: (station, slot) => read(station, slot, docksColumn),
    departuresIn: (station, slot) => read(station, slot, departuresColumn),
    arrivalsIn: (station, slot) => read(station, slot, arrivalsColumn),
  }
}
