import { maxIntervalMs, rebalancingJump } from '../count-interval.ts'
import type { Feature, FeatureFamily } from '../feature.ts'
import { hourMs, minuteMs } from '../slots.ts'
import { total, windowTotal } from '../station-history.ts'
import type { VectorInputs } from '../vector-inputs.ts'
import { leastKnownShare, slotsIn, spanName } from '../windows.ts'

const flowWindowsMs = [hourMs, 3 * hourMs, 24 * hourMs]
const shareWindowsMs = [3 * hourMs, 24 * hourMs, 168 * hourMs]
const dayWindowMs = 24 * hourMs
const jumpMemoryMs = 168 * hourMs

const flowSlots = Uint16Array.from(flowWindowsMs, slotsIn)
const shareSlots = Uint16Array.from(shareWindowsMs, slotsIn)
const daySlots = slotsIn(dayWindowMs)

const intervals = `intervals of at most ${maxIntervalMs / minuteMs} min between observations`
const missingWhen = `${intervals} cover less than ${100 * leastKnownShare} % of the window`
const missingWithoutDocks = `${intervals} with published docks cover less than ${100 * leastKnownShare} % of the window`

const flowFeatures = (windowMs: number): Feature[] =>
  (['departures', 'arrivals'] as const).map((flow) => ({
    name: `${flow}_${spanName(windowMs)}`,
    unit: 'bikes',
    doc: `Bikes that ${flow === 'departures' ? 'left' : 'came'} within ${spanName(windowMs)}, as far as observations show.`,
    windowMs,
    formula: `sum of the ${flow === 'departures' ? 'decreases' : 'increases'} of pedal bikes and of e-bikes over ${intervals}; changes of ${rebalancingJump} or more left out`,
    missingWhen,
    version: 1,
  }))

const shareFeatures = (windowMs: number): Feature[] => [
  {
    name: `empty_share_${spanName(windowMs)}`,
    unit: 'share',
    doc: `The part of the last ${spanName(windowMs)} without a bike.`,
    windowMs,
    formula: `time at 0 bikes / time observed, over ${intervals}`,
    missingWhen,
    version: 1,
  },
  {
    name: `full_share_${spanName(windowMs)}`,
    unit: 'share',
    doc: `The part of the last ${spanName(windowMs)} without a free dock.`,
    windowMs,
    formula: `time at 0 docks / time observed, over ${intervals}`,
    missingWhen: missingWithoutDocks,
    version: 1,
  },
]

/** What happened between observations: riders, time without bikes or docks, trucks. */
export const flows: FeatureFamily<VectorInputs> = {
  features: [
    ...flowWindowsMs.flatMap(flowFeatures),
    ...shareWindowsMs.flatMap(shareFeatures),
    {
      name: 'rebalancings_24h',
      unit: 'jumps',
      doc: 'Jumps within 24h that look like a truck.',
      windowMs: dayWindowMs,
      formula: `${intervals} in which the bikes, pedal bikes or e-bikes changed by ${rebalancingJump} or more`,
      missingWhen,
      version: 1,
    },
    {
      name: 'rebalancing_age_min',
      unit: 'min',
      doc: 'Time since the last jump that looks like a truck.',
      windowMs: jumpMemoryMs,
      formula: `asOf - observedAt of the newest observation that a change of ${rebalancingJump} or more led to`,
      missingWhen: `there is none in the last ${spanName(jumpMemoryMs)}`,
      version: 1,
    },
  ],
  write: ({ history, asOf }, into, offset) => {
    let at = offset
    for (let window = 0; window < flowSlots.length; window++, at += 2) {
      const slots = flowSlots[window]!
      const isKnown = isCovered(windowTotal(history, total.coveredMs, slots), flowWindowsMs[window]!)
      into[at] = isKnown ? windowTotal(history, total.departures, slots) : Number.NaN
      into[at + 1] = isKnown ? windowTotal(history, total.arrivals, slots) : Number.NaN
    }
    for (let window = 0; window < shareSlots.length; window++, at += 2) {
      const slots = shareSlots[window]!
      const windowMs = shareWindowsMs[window]!
      const coveredMs = windowTotal(history, total.coveredMs, slots)
      const dockCoveredMs = windowTotal(history, total.dockCoveredMs, slots)
      into[at] = isCovered(coveredMs, windowMs)
        ? windowTotal(history, total.emptyMs, slots) / coveredMs
        : Number.NaN
      into[at + 1] = isCovered(dockCoveredMs, windowMs)
        ? windowTotal(history, total.fullMs, slots) / dockCoveredMs
        : Number.NaN
    }
    into[at] = isCovered(windowTotal(history, total.coveredMs, daySlots), dayWindowMs)
      ? windowTotal(history, total.jumps, daySlots)
      : Number.NaN
    const jumpAgeMs = asOf - history.newestJumpAt
    into[at + 1] = jumpAgeMs <= jumpMemoryMs ? jumpAgeMs / minuteMs : Number.NaN
  },
}

const isCovered = (coveredMs: number, windowMs: number): boolean => coveredMs >= windowMs * leastKnownShare
