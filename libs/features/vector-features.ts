import { calendarNow } from './families/calendar-now.ts'
import { climatology } from './families/climatology.ts'
import { flows } from './families/flows.ts'
import { lags } from './families/lags.ts'
import { level } from './families/level.ts'
import { rolling } from './families/rolling.ts'
import { surroundings } from './families/surroundings.ts'
import { weatherNow } from './families/weather-now.ts'
import type { Feature, FeatureFamily } from './feature.ts'
import type { VectorInputs } from './vector-inputs.ts'
import { writeFamilies } from './write-families.ts'

/** In the order of the vector, which is the order on the wire. Whoever reads it goes by the writer's names. */
const vectorFamilies: readonly FeatureFamily<VectorInputs>[] = [
  level,
  lags,
  rolling,
  flows,
  climatology,
  surroundings,
  calendarNow,
  weatherNow,
]

/** What is known at asOf, whatever is to be forecast. */
export const vectorFeatures: readonly Feature[] = vectorFamilies.flatMap((family) => family.features)

export const vectorFeatureNames: readonly string[] = vectorFeatures.map((feature) => feature.name)

/** Writes a whole vector into `into[0…]`, which holds at least `vectorFeatures.length`. */
export const writeVector = (inputs: VectorInputs, into: Float32Array): void => {
  writeFamilies(vectorFamilies, inputs, into, 0)
}
