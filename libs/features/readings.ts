/*
 * The readings of one station that its history is made of, oldest first, each moment once. They are kept, and not only
 * the slots made from them, because a late reading falls between two others: only with both at hand can it be entered
 * as if it had come in time, and only so is a repeated one recognised.
 *
 * 10 bytes a reading: 168 h at a poll every 15 minutes are 7 KB, every minute 100 KB.
 */

/** What a field holds that the operator did not publish. */
export const notPublished = 0xffff

/** Bikes and docks above this are taken for a mistake of the feed: the sums of squares of 168 h stay below 2^32. */
export const maxLevel = 2_500

/** Bikes, docks, e-bikes. */
const levelColumns = 3

export interface Readings {
  /**
   * The lowest 32 bits of observedAt. They come round after 49 days, and a history is 7 days long, so the time since
   * the newest reading is exact: `(newest - time) >>> 0`.
   */
  times: Uint32Array
  levels: Uint16Array
  /** Those before `start` have left the ring. */
  start: number
  end: number
}

export const createReadings = (): Readings => allocate(64)

const allocate = (capacity: number): Readings => ({
  times: new Uint32Array(capacity),
  levels: new Uint16Array(capacity * levelColumns),
  start: 0,
  end: 0,
})

export const bikesAt = (readings: Readings, position: number): number =>
  readings.levels[position * levelColumns]!
export const docksAt = (readings: Readings, position: number): number =>
  readings.levels[position * levelColumns + 1]!
export const ebikesAt = (readings: Readings, position: number): number =>
  readings.levels[position * levelColumns + 2]!

/** Milliseconds from one reading to another, or to a moment: `later` and `earlier` are at most 49 days apart. */
export const millisecondsBetween = (earlier: number, later: number): number => (later - earlier) >>> 0

/** Opens a place at `position` and fills it; `position === end` appends. */
export const insertReading = (
  readings: Readings,
  position: number,
  time: number,
  bikes: number,
  docks: number,
  ebikes: number,
): void => {
  const { times, levels, end } = readings
  if (position < end) {
    times.copyWithin(position + 1, position, end)
    levels.copyWithin((position + 1) * levelColumns, position * levelColumns, end * levelColumns)
  }
  times[position] = time >>> 0
  levels[position * levelColumns] = bikes
  levels[position * levelColumns + 1] = docks
  levels[position * levelColumns + 2] = ebikes
  readings.end = end + 1
}

/** Sees to it that one more reading fits: shifts out what has left the ring, or grows by a third. */
export const makeRoom = (readings: Readings): void => {
  const { times, levels, start, end } = readings
  if (end < times.length) return
  if (start * 4 >= times.length) {
    times.copyWithin(0, start, end)
    levels.copyWithin(0, start * levelColumns, end * levelColumns)
  } else {
    const grown = allocate(Math.ceil((end - start) * 1.34))
    grown.times.set(times.subarray(start, end))
    grown.levels.set(levels.subarray(start * levelColumns, end * levelColumns))
    readings.times = grown.times
    readings.levels = grown.levels
  }
  readings.start = 0
  readings.end = end - start
}

/** The first position whose reading is no more than `ageMs` older than the newest, by binary search. */
export const positionOfAge = (readings: Readings, ageMs: number): number => {
  const { times, start, end } = readings
  const newest = times[end - 1]!
  let low = start
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (millisecondsBetween(times[middle]!, newest) > ageMs) low = middle + 1
    else high = middle
  }
  return low
}
