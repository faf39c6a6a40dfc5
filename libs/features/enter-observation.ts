import type { StationStatus } from '@velocast/schemas'
import { countInterval, maxIntervalMs } from './count-interval.ts'
import { bikesAt, insertReading, isFull, makeRoom, observedAtOf, positionOf } from './readings.ts'
import { latenessSlots, maxLatenessMs, slotMs, slotOf, slotStart, slotsInWeek } from './slots.ts'
import { advanceTo, rewind, type StationHistory, setLevel } from './station-history.ts'

/**
 * What became of an observation.
 * - `vector`: it is the station's newest; a vector as of its observedAt is due.
 * - `late`: older than the newest; the history is now as if it had come in time, and the vectors after it are due again.
 * - `duplicate`: this moment is known already; nothing has changed, even if the numbers differ: the first one counts.
 * - `too-late`: more than `maxLatenessMs` older than the newest; nothing has changed.
 * - `impossible`: it breaks a rule of severity `dead-letter`, see `observationRules`; nothing has changed.
 * - `reconstructed`: not a report, but worked out from trips; nothing has changed, for features are made of reports alone.
 */
export type Outcome = 'vector' | 'late' | 'duplicate' | 'too-late' | 'impossible' | 'reconstructed'

/** Enters an observation that breaks no rule of severity `dead-letter`. */
export const enterObservation = (history: StationHistory, status: StationStatus): Outcome => {
  const { readings } = history
  const { observedAt } = status
  if (observedAt <= readings.newestAt) return enterLate(history, status)
  if (isFull(readings)) forgetOldReadings(history)
  makeRoom(readings)
  const position = readings.end
  insertReading(readings, position, status)
  readings.newestAt = observedAt
  applyReading(history, position)
  return 'vector'
}

/** Lets the history grow by the reading at `position`, which is newer than all that it has grown by. */
export const applyReading = (history: StationHistory, position: number): void => {
  const { readings } = history
  const observedAt = observedAtOf(readings, position)
  const slot = slotOf(observedAt)
  if (slot !== history.newestSlot) advanceTo(history, slot)
  if (position > readings.start && countInterval(history, position - 1, position))
    history.jumps.push(observedAt)
  setLevel(history, bikesAt(readings, position))
}

/** Those that no late observation can come to lie beside are no longer needed, nor jumps more than 168 h before them. */
export const forgetOldReadings = (history: StationHistory): void => {
  const { readings, newestSlot } = history
  const neededFrom = slotStart(newestSlot - latenessSlots) - maxIntervalMs
  while (observedAtOf(readings, readings.start) < neededFrom) readings.start++
  const jumpsFrom = (newestSlot - latenessSlots - slotsInWeek - 1) * slotMs
  history.jumps = history.jumps.filter((jumpAt) => jumpAt >= jumpsFrom)
}

/**
 * Enters a reading between two others: goes back to the slot before it, and grows again from the readings. Costs what
 * the readings since cost, some 20 µs at most where a station is read every 15 minutes.
 */
const enterLate = (history: StationHistory, status: StationStatus): Outcome => {
  const { readings } = history
  const { observedAt } = status
  if (readings.newestAt - observedAt > maxLatenessMs) return 'too-late'
  if (isFull(readings)) forgetOldReadings(history)
  makeRoom(readings)
  const position = positionOf(readings, observedAt)
  if (position < readings.end && observedAtOf(readings, position) === observedAt) return 'duplicate'
  insertReading(readings, position, status)
  for (let next = rewindBefore(history, observedAt); next < readings.end; next++) applyReading(history, next)
  return 'late'
}

/** Goes back to before the slot of a moment, and says at which reading to grow on. */
export const rewindBefore = (history: StationHistory, moment: number): number => {
  const slot = slotOf(moment)
  rewind(history, slot - 1)
  return positionOf(history.readings, slotStart(slot))
}
