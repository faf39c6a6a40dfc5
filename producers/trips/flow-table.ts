/** Flows by station and hour, 12 bytes an hour, in blocks of a day: a year of 2,300 stations is 260 MB at most. */
export interface FlowTable {
  add: (stationId: string, at: number, kind: 'departure' | 'arrival', isElectric: boolean | null) => void
  /** Every hour with a flow, hour after hour, the stations of each by id. */
  flows: () => Generator<HourlyFlow>
  /** The table with its stations renamed; those that get the same name are added up. */
  renamed: (nameOf: (stationId: string) => string) => FlowTable
}

export interface HourlyFlow {
  stationId: string
  /** A full hour in UTC, epoch milliseconds. */
  hourAt: number
  departures: number
  arrivals: number
  /** Null where not every trip says what was ridden. */
  ebikeDepartures: number | null
  ebikeArrivals: number | null
}

const HOUR_MS = 60 * 60_000
const HOURS = 24
const COLUMNS = 6
const DEPARTURES = 0
const ARRIVALS = 3
/** Behind each of the two. */
const ELECTRIC = 1
const UNKNOWN = 2

type Days = Map<number, Uint16Array>

export const createFlowTable = (stations = new Map<string, Days>()): FlowTable => {
  const blockOf = (days: Days, day: number): Uint16Array => {
    const known = days.get(day)
    if (known) return known
    const block = new Uint16Array(HOURS * COLUMNS)
    days.set(day, block)
    return block
  }
  const daysOf = (stationId: string): Days => {
    const known = stations.get(stationId)
    if (known) return known
    const days: Days = new Map()
    stations.set(stationId, days)
    return days
  }
  return {
    add(stationId, at, kind, isElectric) {
      const hour = Math.floor(at / HOUR_MS)
      const day = Math.floor(hour / HOURS)
      const block = blockOf(daysOf(stationId), day)
      const cell = (hour - day * HOURS) * COLUMNS + (kind === 'departure' ? DEPARTURES : ARRIVALS)
      block[cell]! += 1
      if (isElectric === null) block[cell + UNKNOWN]! += 1
      else if (isElectric) block[cell + ELECTRIC]! += 1
    },
    *flows() {
      const ids = [...stations.keys()].sort()
      const days = new Set([...stations.values()].flatMap((blocks) => [...blocks.keys()]))
      for (const day of [...days].sort((a, b) => a - b)) {
        const blocks = ids.flatMap((stationId) => {
          const block = stations.get(stationId)!.get(day)
          return block ? [{ stationId, block }] : []
        })
        for (let hour = 0; hour < HOURS; hour++)
          for (const { stationId, block } of blocks) {
            const cells = block.subarray(hour * COLUMNS, (hour + 1) * COLUMNS)
            if (cells[DEPARTURES] || cells[ARRIVALS])
              yield { stationId, hourAt: (day * HOURS + hour) * HOUR_MS, ...countsIn(cells) }
          }
      }
    },
    renamed(nameOf) {
      const merged = new Map<string, Days>()
      for (const [stationId, days] of stations) {
        const name = nameOf(stationId)
        const into = merged.get(name) ?? new Map<number, Uint16Array>()
        merged.set(name, into)
        for (const [day, block] of days) {
          const sum = blockOf(into, day)
          for (let cell = 0; cell < block.length; cell++) sum[cell]! += block[cell]!
        }
      }
      return createFlowTable(merged)
    },
  }
}

const countsIn = (cells: Uint16Array): Omit<HourlyFlow, 'stationId' | 'hourAt'> => ({
  departures: cells[DEPARTURES]!,
  arrivals: cells[ARRIVALS]!,
  ebikeDepartures: cells[DEPARTURES + UNKNOWN] ? null : cells[DEPARTURES + ELECTRIC]!,
  ebikeArrivals: cells[ARRIVALS + UNKNOWN] ? null : cells[ARRIVALS + ELECTRIC]!,
})
