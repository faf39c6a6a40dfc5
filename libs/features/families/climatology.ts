import { climatologyWeeks } from '../climatology-slots.ts'
import type { FeatureFamily } from '../feature.ts'
import { slotsInHour } from '../slots.ts'
import { bikesIn, knownSlotsWindow, type StationHistory, storedLevel } from '../station-history.ts'
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
      name: 'climatology_difference',
      unit: 'bikes',
      doc: 'How many bikes more there are than usual at this hour of the week.',
      formula: 'bikes - climatology_bikes',
      missingWhen,
      version: 1,
    },
    {
      name: 'climatology_bikes_next_hour',
      unit: 'bikes',
      doc: 'Bikes as usual at the hour of the week that follows.',
      formula: `mean of the known levels in the ${slotsInHour} slots of the local hour after, 1 to ${climatologyWeeks} weeks before`,
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
    sumUp(history, climatologySlots, 0)
    const { known, bikes, squares } = sums
    const mean = bikes / known
    into[offset] = mean
    into[offset + 1] = Math.sqrt(known * squares - bikes * bikes) / known
    into[offset + 2] = bikesIn(history, history.newestSlot) - mean
    sumUp(history, climatologySlots, climatologyWeeks)
    into[offset + 3] = sums.bikes / sums.known
    into[offset + 4] = history.knownSlots / knownSlotsWindow
  },
}

const sums = { known: 0, bikes: 0, squares: 0 }

/** Of the hours that begin with the slots of `firsts` from `from` on. */
const sumUp = (history: StationHistory, firsts: Int32Array, from: number): void => {
  let known = 0
  let bikes = 0
  let squares = 0
  for (let week = from; week < from + climatologyWeeks; week++) {
    const first = firsts[week]!
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
