/** A small whole number for each station and quarter of an hour, 2 bytes each, in blocks of a day. */
export interface SlotTable {
  /** `empty` where nothing was set. */
  get: (stationId: string, slot: number) => number
  set: (stationId: string, slot: number, value: number) => void
  /** The table with its stations renamed; those that get the same name are added up, so that it is for counts alone. */
  renamed: (nameOf: (stationId: string) => string) => SlotTable
}

export const SLOT_MS = 15 * 60_000
const SLOTS = 96

export const slotOf = (at: number): number => Math.floor(at / SLOT_MS)

type Days = Map<number, Int16Array>

export const createSlotTable = (empty: number, stations = new Map<string, Days>()): SlotTable => {
  const daysOf = (stationId: string): Days => {
    const known = stations.get(stationId)
    if (known) return known
    const days: Days = new Map()
    stations.set(stationId, days)
    return days
  }
  const get = (stationId: string, slot: number): number => {
    const day = Math.floor(slot / SLOTS)
    return stations.get(stationId)?.get(day)?.[slot - day * SLOTS] ?? empty
  }
  return {
    get,
    set(stationId, slot, value) {
      const days = daysOf(stationId)
      const day = Math.floor(slot / SLOTS)
      const block = days.get(day) ?? new Int16Array(SLOTS).fill(empty)
      days.set(day, block)
      block[slot - day * SLOTS] = value
    },
    renamed(nameOf) {
      const merged = createSlotTable(empty)
      for (const [stationId, days] of stations)
        for (const [day, block] of days)
          block.forEach((value, index) => {
            const [name, slot] = [nameOf(stationId), day * SLOTS + index]
            if (value !== empty) merged.set(name, slot, merged.get(name, slot) + value)
          })
      return merged
    },
  }
}
