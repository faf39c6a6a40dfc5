import { maxIntervalMs, rebalancingJump } from '../count-interval.ts'
import type { Feature, FeatureFamily } from '../feature.ts'
import { ebikesAt, notPublished } from '../readings.ts'
import { hourMs, minuteMs } from '../slots.ts'
import { total, totalBetween, totalsRow } from '../station-history.ts'
import type { VectorInputs } from '../vector-inputs.ts'
import { leastKnownShare, slotsIn, spanName } from '../windows.ts'

const flowWindowsMs = [hourMs, 3 * hourMs, 6 * hourMs, 24 * hourMs]
const ebikeFlowWindowMs = hourMs
const shareWindowsMs = [hourMs, 3 * hourMs, 6 * hourMs, 24 * hourMs, 168 * hourMs]
const dayWindowMs = 24 * hourMs
const jumpMemoryMs = 168 * hourMs

const flowSlots = Uint16Array.from(flowWindowsMs, slotsIn)
const ebikeFlowSlots = slotsIn(ebikeFlowWindowMs)
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

const ebikeFlowFeatures = (windowMs: number): Feature[] =>
  (['departures', 'arrivals'] as const).map((flow) => ({
    name: `ebike_${flow}_${spanName(windowMs)}`,
    unit: 'bikes',
    doc: `E-bikes that ${flow === 'departures' ? 'left' : 'came'} within ${spanName(windowMs)}, as far as observations show.`,
    windowMs,
    formula: `sum of the ${flow === 'departures' ? 'decreases' : 'increases'} of e-bikes over ${intervals}; changes of ${rebalancingJump} or more left out`,
    missingWhen: `e-bikes are not published now, or ${missingWhen}`,
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
    ...ebikeFlowFeatures(ebikeFlowWindowMs),
    ...shareWindowsMs.flatMap(shareFeatures),
    {
      name: 'bike_minutes_24h',
      unit: 'min',
      doc: 'Minutes of the last 24h with a bike to take: how long departures could happen.',
      windowMs: dayWindowMs,
      formula: `time at 1 bike or more, over ${intervals}`,
      missingWhen,
      version: 1,
    },
    {
      name: 'dock_minutes_24h',
      unit: 'min',
      doc: 'Minutes of the last 24h with a free dock: how long arrivals could happen.',
      windowMs: dayWindowMs,
      formula: `time at 1 dock or more, over ${intervals}`,
      missingWhen: missingWithoutDocks,
      version: 1,
    },
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
  write: ({ history, position, asOf }, into, offset) => {
    const { totals, newestSlot, jumps } = history
    const newest = totalsRow(history, newestSlot)
    const rowBefore = (slots: number): number => totalsRow(history, newestSlot - slots)
    let at = offset
    for (let window = 0; window < flowSlots.length; window++, at += 2) {
      const before = rowBefore(flowSlots[window]!)
      const coveredMs = totalBetween(totals, before, newest, total.coveredMs)
      const isKnown = isCovered(coveredMs, flowWindowsMs[window]!)
      into[at] = isKnown ? totalBetween(totals, before, newest, total.departures) : Number.NaN
      into[at + 1] = isKnown ? totalBetween(totals, before, newest, total.arrivals) : Number.NaN
    }
    const hourBefore = rowBefore(ebikeFlowSlots)
    const areEbikesKnown =
      ebikesAt(history.readings, position) !== notPublished &&
      isCovered(totalBetween(totals, hourBefore, newest, total.coveredMs), ebikeFlowWindowMs)
    into[at++] = areEbikesKnown ? totalBetween(totals, hourBefore, newest, total.ebikeDepartures) : Number.NaN
    into[at++] = areEbikesKnown ? totalBetween(totals, hourBefore, newest, total.ebikeArrivals) : Number.NaN
    for (let window = 0; window < shareSlots.length; window++, at += 2) {
      const before = rowBefore(shareSlots[window]!)
      const windowMs = shareWindowsMs[window]!
      const coveredMs = totalBetween(totals, before, newest, total.coveredMs)
      const dockCoveredMs = totalBetween(totals, before, newest, total.dockCoveredMs)
      into[at] = isCovered(coveredMs, windowMs)
        ? totalBetween(totals, before, newest, total.emptyMs) / coveredMs
        : Number.NaN
      into[at + 1] = isCovered(dockCoveredMs, windowMs)
        ? totalBetween(totals, before, newest, total.fullMs) / dockCoveredMs
        : Number.NaN
    }
    const dayBefore = rowBefore(daySlots)
    const coveredMs = totalBetween(totals, dayBefore, newest, total.coveredMs)
    const dockCoveredMs = totalBetween(totals, dayBefore, newest, total.dockCoveredMs)
    const isDayKnown = isCovered(coveredMs, dayWindowMs)
    into[at] = isDayKnown
      ? (coveredMs - totalBetween(totals, dayBefore, newest, total.emptyMs)) / minuteMs
      : Number.NaN
    into[at + 1] = isCovered(dockCoveredMs, dayWindowMs)
      ? (dockCoveredMs - totalBetween(totals, dayBefore, newest, total.fullMs)) / minuteMs
      : Number.NaN
    into[at + 2] = isDayKnown ? totalBetween(totals, dayBefore, newest, total.jumps) : Number.NaN
    const jumpAgeMs = jumps.length > 0 ? asOf - jumps[jumps.length - 1]! : Number.NaN
    into[at + 3] = jumpAgeMs <= jumpMemoryMs ? jumpAgeMs / minuteMs : Number.NaN
  },
}

const isCovered = (coveredMs: number, windowMs: number): boolean => coveredMs >= windowMs * leastKnownShare
