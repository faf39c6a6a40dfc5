import type { StationStatus } from '@velocast/schemas'
import { countInterval, isJumpTo } from './count-interval.ts'
import {
  insertReading,
  makeRoom,
  maxLevel,
  millisecondsBetween,
  notPublished,
  positionOfAge,
} from './readings.ts'
import { maxLatenessMs, ringSlots, slotOf, slotStart } from './slots.ts'
import { advanceTo, newestField, type StationHistory, setLevel } from './station-history.ts'

/**
 * What became of an observation.
 * - `vector`: it is the station's newest; a vector as of its observedAt is due.
 * - `late`: older than the newest; the history is now as if it had come in time, and the vectors after it are due again.
 * - `duplicate`: this moment is known already; nothing has changed, even if the numbers differ: the first one counts.
 * - `too-late`: more than `maxLatenessMs` older than the newest; nothing has changed.
 * - `impossible`: the numbers cannot be true; nothing has changed.
 * - `reconstructed`: not a report, but worked out from trips; nothing has changed, for features are made of reports alone.
 */
export type Outcome = 'vector' | 'late' | 'duplicate' | 'too-late' | 'impossible' | 'reconstructed'

export const enterObservation = (history: StationHistory, status: StationStatus): Outcome => {
  if (status.origin !== 'REPORTED') return 'reconstructed'
  if (!isPossible(status)) return 'impossible'
  const { observedAt, bikes } = status
  const docks = status.docks ?? notPublished
  const ebikes = status.ebikes ?? notPublished
  if (observedAt <= history.newest[newestField.observedAt]!)
    return insertLateReading(history, observedAt, bikes, docks, ebikes)
  appendReading(history, observedAt, bikes, docks, ebikes)
  rememberNewest(history.newest, status)
  return 'vector'
}

const isLevel = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= maxLevel

const isPossible = (status: StationStatus): boolean =>
  isLevel(status.bikes) &&
  (status.docks === null || isLevel(status.docks)) &&
  (status.ebikes === null || (isLevel(status.ebikes) && status.ebikes <= status.bikes)) &&
  Number.isSafeInteger(status.observedAt) &&
  // A moment after the poll would be knowledge of the future, and would push the true history out of the ring.
  status.observedAt <= status.polledAt

const rememberNewest = (newest: Float64Array, status: StationStatus): void => {
  newest[newestField.observedAt] = status.observedAt
  newest[newestField.polledAt] = status.polledAt
  newest[newestField.reportedAt] = status.reportedAt ?? Number.NaN
  newest[newestField.bikesDisabled] = status.bikesDisabled
  newest[newestField.docksDisabled] = status.docksDisabled
  newest[newestField.isInstalled] = Number(status.isInstalled)
  newest[newestField.isRenting] = Number(status.isRenting)
  newest[newestField.isReturning] = Number(status.isReturning)
  newest[newestField.capacity] = status.capacity ?? Number.NaN
  newest[newestField.latitude] = status.latitude ?? Number.NaN
  newest[newestField.longitude] = status.longitude ?? Number.NaN
}

/** Enters a reading that is newer than all before it. */
export const appendReading = (
  history: StationHistory,
  observedAt: number,
  bikes: number,
  docks: number,
  ebikes: number,
): void => {
  const { readings } = history
  const slot = slotOf(observedAt)
  if (slot !== history.newestSlot) advanceTo(history, slot)
  makeRoom(readings)
  const position = readings.end
  insertReading(readings, position, observedAt, bikes, docks, ebikes)
  if (position > readings.start) {
    countInterval(history, position - 1, position, slot, 1)
    if (isJumpTo(readings, position)) history.newestJumpAt = observedAt
  }
  setLevel(history, slot, bikes)
  const ringAgeMs = observedAt - slotStart(slot - ringSlots + 1)
  while (millisecondsBetween(readings.times[readings.start]!, readings.times[position]!) > ringAgeMs)
    readings.start++
}

/**
 * Enters a reading between two others: what happened between those two is taken back, and counted anew in two parts.
 * Costs a pass over the slots since, a few microseconds.
 */
const insertLateReading = (
  history: StationHistory,
  observedAt: number,
  bikes: number,
  docks: number,
  ebikes: number,
): Outcome => {
  const newestAt = history.newest[newestField.observedAt]!
  if (newestAt - observedAt > maxLatenessMs) return 'too-late'
  const slot = slotOf(observedAt)
  const { readings } = history
  makeRoom(readings)
  const position = positionOfAge(readings, newestAt - observedAt)
  if (readings.times[position] === observedAt >>> 0) return 'duplicate'

  const observedAtOf = (at: number): number =>
    newestAt - millisecondsBetween(readings.times[at]!, newestAt >>> 0)
  const nextSlot = slotOf(observedAtOf(position))
  const hasPrevious = position > readings.start
  if (hasPrevious) countInterval(history, position - 1, position, nextSlot, -1)
  insertReading(readings, position, observedAt, bikes, docks, ebikes)
  if (hasPrevious) countInterval(history, position - 1, position, slot, 1)
  countInterval(history, position, position + 1, nextSlot, 1)
  if (nextSlot > slot) setLevel(history, slot, bikes)

  let jump = readings.end - 1
  while (jump > readings.start && !isJumpTo(readings, jump)) jump--
  history.newestJumpAt = jump > readings.start ? observedAtOf(jump) : Number.NaN
  return 'late'
}
