/*
 * The newest readings of one station, oldest first, each moment once. What is older is in the slots made from them; these
 * are kept because a late reading falls between two others: only with both at hand can it be entered as if it had come in
 * time, and only so is a repeated one recognised. A vector as of any of them can be made again, so each keeps all that
 * the operator said of the station.
 *
 * 32 bytes a reading: 25 h at a poll every 15 minutes are 3 KB, every minute 48 KB.
 */
import type { StationStatus } from '@velocast/schemas'

/** What a field holds that the operator did not publish. */
export const notPublished = 0xffff

/** Bikes and docks above this are taken for a mistake of the feed: the sums of squares of 168 h stay below 2^32. */
export const maxLevel = 2_500

const field = {
  /**
   * The lowest 32 bits of observedAt. They come round after 49 days, and the readings are of little more than one, so the
   * time since the newest is exact: `(newest - time) >>> 0`.
   */
  time: 0,
  reportedLow: 1,
  reportedHigh: 2,
  /** Bikes in the lower half, docks in the upper. */
  levels: 3,
  /** E-bikes in the lower half, the number of the place in the upper. */
  ebikesAndPlace: 4,
  bikesDisabled: 5,
  docksDisabled: 6,
  flags: 7,
} as const

/** 32-bit words of a reading. */
export const readingWords = 8

const flag = { isInstalled: 1, isRenting: 2, isReturning: 4 } as const

/** The upper half of a moment that no operator means: 285,000 years ago. */
const noReport = 0x8000_0000

/** What hardly ever changes at a station; NaN where not published. */
export interface Place {
  readonly capacity: number
  readonly latitude: number
  readonly longitude: number
}

export interface Readings {
  cells: Uint32Array
  /** In readings, as is `end`; those before it are no longer needed. */
  start: number
  end: number
  /** observedAt of the newest; NaN before the first. */
  newestAt: number
  /** Each place that a reading names by its number; others may be among them. */
  places: Place[]
}

export const createReadings = (): Readings => ({
  cells: new Uint32Array(128 * readingWords),
  start: 0,
  end: 0,
  newestAt: Number.NaN,
  places: [],
})

const word = ({ cells }: Readings, position: number, at: number): number =>
  cells[position * readingWords + at]!

export const observedAtOf = (readings: Readings, position: number): number =>
  readings.newestAt - ((readings.newestAt - word(readings, position, field.time)) >>> 0)

/** Milliseconds from one reading to a later one. */
export const millisecondsBetween = (readings: Readings, earlier: number, later: number): number =>
  (word(readings, later, field.time) - word(readings, earlier, field.time)) >>> 0

/** NaN where not published. */
export const reportedAtOf = (readings: Readings, position: number): number => {
  const high = word(readings, position, field.reportedHigh)
  return high === noReport ? Number.NaN : (high | 0) * 2 ** 32 + word(readings, position, field.reportedLow)
}

export const bikesAt = (readings: Readings, position: number): number =>
  word(readings, position, field.levels) & 0xffff
export const docksAt = (readings: Readings, position: number): number =>
  word(readings, position, field.levels) >>> 16
export const ebikesAt = (readings: Readings, position: number): number =>
  word(readings, position, field.ebikesAndPlace) & 0xffff
export const bikesDisabledAt = (readings: Readings, position: number): number =>
  word(readings, position, field.bikesDisabled) | 0
export const docksDisabledAt = (readings: Readings, position: number): number =>
  word(readings, position, field.docksDisabled) | 0
export const isInstalledAt = (readings: Readings, position: number): number =>
  word(readings, position, field.flags) & flag.isInstalled
export const isRentingAt = (readings: Readings, position: number): number =>
  (word(readings, position, field.flags) & flag.isRenting) >>> 1
export const isReturningAt = (readings: Readings, position: number): number =>
  (word(readings, position, field.flags) & flag.isReturning) >>> 2
export const placeAt = (readings: Readings, position: number): Place =>
  readings.places[word(readings, position, field.ebikesAndPlace) >>> 16]!

/** Docks in all: as published, else the sum of what is at the station; NaN when docks are not published either. */
export const capacityAt = (readings: Readings, position: number): number => {
  const { capacity } = placeAt(readings, position)
  if (!Number.isNaN(capacity)) return capacity
  const docks = docksAt(readings, position)
  if (docks === notPublished) return Number.NaN
  return (
    bikesAt(readings, position) +
    docks +
    bikesDisabledAt(readings, position) +
    docksDisabledAt(readings, position)
  )
}

/** Enters what an observation says at `position`, before what is there; `end` appends. There must be room for it. */
export const insertReading = (readings: Readings, position: number, status: StationStatus): void => {
  const { cells, end } = readings
  const from = position * readingWords
  if (position < end) cells.copyWithin(from + readingWords, from, end * readingWords)
  readings.end = end + 1
  const { reportedAt } = status
  cells[from + field.time] = status.observedAt >>> 0
  cells[from + field.reportedLow] = reportedAt === null ? 0 : reportedAt >>> 0
  cells[from + field.reportedHigh] = reportedAt === null ? noReport : Math.floor(reportedAt / 2 ** 32)
  cells[from + field.levels] = status.bikes | ((status.docks ?? notPublished) << 16)
  const place = numberOfPlace(readings.places, status)
  cells[from + field.ebikesAndPlace] = (status.ebikes ?? notPublished) | (place << 16)
  cells[from + field.bikesDisabled] = status.bikesDisabled
  cells[from + field.docksDisabled] = status.docksDisabled
  cells[from + field.flags] =
    (status.isInstalled ? flag.isInstalled : 0) |
    (status.isRenting ? flag.isRenting : 0) |
    (status.isReturning ? flag.isReturning : 0)
}

const numberOfPlace = (places: Place[], status: StationStatus): number => {
  const capacity = status.capacity ?? Number.NaN
  const latitude = status.latitude ?? Number.NaN
  const longitude = status.longitude ?? Number.NaN
  for (let number = places.length - 1; number >= 0; number--) {
    const known = places[number]!
    if (
      Object.is(known.capacity, capacity) &&
      Object.is(known.latitude, latitude) &&
      Object.is(known.longitude, longitude)
    )
      return number
  }
  return places.push({ capacity, latitude, longitude }) - 1
}

/** Whether there is no room behind the newest. */
export const isFull = ({ cells, end }: Readings): boolean => end * readingWords === cells.length

/** Sees to it that one more reading fits: shifts out what is no longer needed, or grows by a third. Positions change. */
export const makeRoom = (readings: Readings): void => {
  if (!isFull(readings)) return
  const { cells, start, end } = readings
  if (start * 4 >= end) cells.copyWithin(0, start * readingWords, end * readingWords)
  else {
    readings.cells = new Uint32Array(Math.ceil((end - start) * 1.34) * readingWords)
    readings.cells.set(cells.subarray(start * readingWords, end * readingWords))
  }
  readings.start = 0
  readings.end = end - start
  forgetPlaces(readings)
}

/** A feed whose positions are never twice the same must not make the list of places grow for ever. */
const forgetPlaces = (readings: Readings): void => {
  const { cells, end, places } = readings
  if (places.length <= 64) return
  const numbers = new Map<number, number>()
  const kept: Place[] = []
  for (let position = 0; position < end; position++) {
    const at = position * readingWords + field.ebikesAndPlace
    const old = cells[at]! >>> 16
    if (!numbers.has(old)) numbers.set(old, kept.push(places[old]!) - 1)
    cells[at] = (cells[at]! & 0xffff) | (numbers.get(old)! << 16)
  }
  readings.places = kept
}

/** The first position whose reading was observed at `moment` or later, which is not more than 49 days before the newest. */
export const positionOf = (readings: Readings, moment: number): number => {
  const ageMs = readings.newestAt - moment
  let low = readings.start
  let high = readings.end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (readings.newestAt - observedAtOf(readings, middle) > ageMs) low = middle + 1
    else high = middle
  }
  return low
}
