import type { HourlyFlow } from './flow-table.ts'

/** Remembers flows in 8 bytes an hour, to know which of them are new. */
export interface FlowMemory {
  set: (flow: HourlyFlow) => void
  get: (stationId: string, hourAt: number) => HourlyFlow | null
}

const HOUR_MS = 60 * 60_000
const HOURS = 24
const COLUMNS = 4
const NULL = 65_535

export const createFlowMemory = (): FlowMemory => {
  const stations = new Map<string, Map<number, Uint16Array>>()
  const cellOf = (hourAt: number): { day: number; at: number } => {
    const hour = Math.floor(hourAt / HOUR_MS)
    const day = Math.floor(hour / HOURS)
    return { day, at: (hour - day * HOURS) * COLUMNS }
  }
  return {
    set({ stationId, hourAt, departures, arrivals, ebikeDepartures, ebikeArrivals }) {
      const { day, at } = cellOf(hourAt)
      const days = stations.get(stationId) ?? new Map<number, Uint16Array>()
      stations.set(stationId, days)
      const block = days.get(day) ?? new Uint16Array(HOURS * COLUMNS)
      days.set(day, block)
      block.set([departures, arrivals, ebikeDepartures ?? NULL, ebikeArrivals ?? NULL], at)
    },
    get(stationId, hourAt) {
      const { day, at } = cellOf(hourAt)
      const block = stations.get(stationId)?.get(day)
      if (!block || (block[at] === 0 && block[at + 1] === 0)) return null
      const orNull = (count: number): number | null => (count === NULL ? null : count)
      return {
        stationId,
        hourAt,
        departures: block[at]!,
        arrivals: block[at + 1]!,
        ebikeDepartures: orNull(block[at + 2]!),
        ebikeArrivals: orNull(block[at + 3]!),
      }
    },
  }
}
