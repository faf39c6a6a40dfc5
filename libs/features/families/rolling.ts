import type { Feature, FeatureFamily } from '../feature.ts'
import { addExtremes, type Extremes, startExtremes } from '../level-extremes.ts'
import { hourMs } from '../slots.ts'
import { total, totalBetween, totalsRow } from '../station-history.ts'
import type { VectorInputs } from '../vector-inputs.ts'
import { leastKnownShare, slotsIn, spanName } from '../windows.ts'

const windowsMs = [hourMs, 3 * hourMs, 6 * hourMs, 24 * hourMs, 168 * hourMs]
const windowSlots = Uint16Array.from(windowsMs, slotsIn)
/** How much has been observed is worth knowing of one of them; of the others no model gains by it. */
const knownShareWindowMs = 3 * hourMs

const missingBelowLeastShare = `less than ${100 * leastKnownShare} % of the window's slots have an observation`

const windowFeatures = (windowMs: number): Feature[] => {
  const name = spanName(windowMs)
  const shared = { windowMs, version: 1 }
  // The newest slot always has an observation, and is enough for a window of four.
  const missingWhen = slotsIn(windowMs) * leastKnownShare <= 1 ? 'never' : missingBelowLeastShare
  const slots = `the ${slotsIn(windowMs)} slots that end with the newest`
  return [
    {
      name: `bikes_mean_${name}`,
      unit: 'bikes',
      doc: `Mean of the bikes over ${name}.`,
      formula: `mean of the known levels in ${slots}`,
      missingWhen,
      ...shared,
    },
    {
      name: `bikes_sd_${name}`,
      unit: 'bikes',
      doc: `Standard deviation of the bikes over ${name}.`,
      formula: `population standard deviation of the known levels in ${slots}`,
      missingWhen,
      ...shared,
    },
    {
      name: `bikes_min_${name}`,
      unit: 'bikes',
      doc: `Fewest bikes within ${name}.`,
      formula: `minimum of the known levels in ${slots}`,
      missingWhen,
      ...shared,
    },
    {
      name: `bikes_max_${name}`,
      unit: 'bikes',
      doc: `Most bikes within ${name}.`,
      formula: `maximum of the known levels in ${slots}`,
      missingWhen,
      ...shared,
    },
    ...(windowMs === knownShareWindowMs ? [knownShare(windowMs)] : []),
  ]
}

const knownShare = (windowMs: number): Feature => ({
  name: `known_share_${spanName(windowMs)}`,
  unit: 'share',
  doc: `How much of the last ${spanName(windowMs)} has been observed.`,
  windowMs,
  formula: `slots with an observation / ${slotsIn(windowMs)}, in the ${slotsIn(windowMs)} slots that end with the newest`,
  missingWhen: 'never',
  version: 1,
})

const extremes: Extremes = { low: 0, high: 0 }

/** Levels over windows of slots. The newest slot is still open and counts with its newest level so far. */
export const rolling: FeatureFamily<VectorInputs> = {
  features: windowsMs.flatMap(windowFeatures),
  write: ({ history }, into, offset) => {
    const { totals, newestSlot } = history
    const newest = totalsRow(history, newestSlot)
    startExtremes(extremes)
    let covered = 0
    let at = offset
    for (let window = 0; window < windowSlots.length; window++) {
      const slots = windowSlots[window]!
      // The windows lie within one another, so each adds to the extremes only what the one before did not cover.
      addExtremes(history, newestSlot - slots + 1, newestSlot - covered, extremes)
      covered = slots
      const before = totalsRow(history, newestSlot - slots)
      const known = totalBetween(totals, before, newest, total.slots)
      const isKnown = known >= slots * leastKnownShare
      const sum = totalBetween(totals, before, newest, total.bikes)
      const squares = totalBetween(totals, before, newest, total.bikesSquared)
      into[at++] = isKnown ? sum / known : Number.NaN
      // Integers up to the root, so no difference of large numbers loses digits.
      into[at++] = isKnown ? Math.sqrt(known * squares - sum * sum) / known : Number.NaN
      into[at++] = isKnown ? extremes.low - 1 : Number.NaN
      into[at++] = isKnown ? extremes.high - 1 : Number.NaN
      if (windowsMs[window] === knownShareWindowMs) into[at++] = known / slots
    }
  },
}
