import { climatologyWeeks } from '../climatology-slots.ts'
import type { FeatureFamily } from '../feature.ts'
import { slotsInHour } from '../slots.ts'
import { knownSlotsWindow, type StationHistory, storedLevel } from '../station-history.ts'
import type { VectorInputs } from '../vector-inputs.ts'

const hour = `the ${slotsInHour} slots of the same local hour of the week, 1 to ${climatologyWeeks} weeks before`
const missingWhen = `none of the slots of that hour has an observation, 1 to ${climatologyWeeks} weeks before`

/** What is usual at the station at this time of the week. */
export const climatology: FeatureFamily<VectorInputs> = {
  features: [
    {
      name: 'climatology_bikes',
      unit: 'bikes',
      doc: 'Bikes as usual at this hour of the week.',
      formula: `mean of the known levels in ${hour}`,
      missingWhen,
      version: 1,
    },
    {
      name: 'climatology_sd',
      unit: 'bikes',
      doc: 'How much the bikes differ at this hour of the week.',
      formula: `population standard deviation of the known levels in ${hour}`,
      missingWhen,
      version: 1,
    },
    {
      name: 'known_share_672h',
      unit: 'share',
      doc: 'How much of the last 672h, which are 28 days, has been observed.',
      formula: `slots with an observation / ${knownSlotsWindow}, in the ${knownSlotsWindow} slots that end with the newest`,
      missingWhen: 'never',
      version: 1,
    },
  ],
  write: ({ history, climatologySlots }, into, offset) => {
    sumUp(history, climatologySlots)
    const { known, bikes, squares } = sums
    into[offset] = bikes / known
    into[offset + 1] = Math.sqrt(known * squares - bikes * bikes) / known
    into[offset + 2] = history.knownSlots / knownSlotsWindow
  },
}

const sums = { known: 0, bikes: 0, squares: 0 }

/** Of the hours that begin with the slots of `firsts`. */
const sumUp = (history: StationHistory, firsts: Int32Array): void => {
  let known = 0
  let bikes = 0
  let squares = 0
  for (const first of firsts) {
    for (let slot = first; slot < first + slotsInHour; slot++) {
      const stored = storedLevel(history, slot)
      if (stored === 0) continue
      known++
      bikes += stored - 1
      squares += (stored - 1) * (stored - 1)
    }
  }
  sums.known = known
  sums.bikes = bikes
  sums.squares = squares
}
