import type { Feature, FeatureFamily } from '../feature.ts'
import { hourMs, minuteMs } from '../slots.ts'
import { bikesIn } from '../station-history.ts'
import type { VectorInputs } from '../vector-inputs.ts'
import { slotsIn, spanName } from '../windows.ts'

const lagsMs = [
  15 * minuteMs,
  30 * minuteMs,
  45 * minuteMs,
  hourMs,
  2 * hourMs,
  3 * hourMs,
  6 * hourMs,
  12 * hourMs,
  24 * hourMs,
  48 * hourMs,
  168 * hourMs,
]
const changesMs = [15 * minuteMs, 30 * minuteMs, hourMs, 3 * hourMs, 24 * hourMs, 168 * hourMs]

const lagSlots = Uint16Array.from(lagsMs, slotsIn)
const changeSlots = Uint16Array.from(changesMs, slotsIn)

const lagFeature = (lagMs: number): Feature => ({
  name: `bikes_lag_${spanName(lagMs)}`,
  unit: 'bikes',
  doc: `Bikes ${spanName(lagMs)} ago.`,
  windowMs: lagMs,
  formula: `bikes in slot ${slotsIn(lagMs)} before the newest`,
  missingWhen: 'that slot has no observation',
  version: 1,
})

const changeFeature = (spanMs: number): Feature => ({
  name: `bikes_change_${spanName(spanMs)}`,
  unit: 'bikes',
  doc: `By how many the bikes have become more within ${spanName(spanMs)}.`,
  windowMs: spanMs,
  formula: `bikes - bikes in slot ${slotsIn(spanMs)} before the newest`,
  missingWhen: 'that slot has no observation',
  version: 1,
})

/** Earlier levels, by the time on the grid and never by the row: a missing slot is missing. */
export const lags: FeatureFamily<VectorInputs> = {
  features: [...lagsMs.map(lagFeature), ...changesMs.map(changeFeature)],
  write: ({ history }, into, offset) => {
    const { newestSlot } = history
    for (let lag = 0; lag < lagSlots.length; lag++)
      into[offset + lag] = bikesIn(history, newestSlot - lagSlots[lag]!)
    const bikes = bikesIn(history, newestSlot)
    const changes = offset + lagSlots.length
    for (let change = 0; change < changeSlots.length; change++)
      into[changes + change] = bikes - bikesIn(history, newestSlot - changeSlots[change]!)
  },
}
