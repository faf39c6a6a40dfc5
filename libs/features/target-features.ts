import { targetCalendar } from './families/target-calendar.ts'
import { targetPast } from './families/target-past.ts'
import { targetWeather } from './families/target-weather.ts'
import type { Feature, FeatureFamily } from './feature.ts'
import type { TargetInputs } from './target-inputs.ts'
import { writeFamilies } from './write-families.ts'

/** In the order in which they follow the vector in a model's row. */
const targetFamilies: readonly FeatureFamily<TargetInputs>[] = [targetCalendar, targetWeather, targetPast]

/** What depends on the target: its distance, its calendar, the weather forecast for it, and what the station was like then. */
export const targetFeatures: readonly Feature[] = targetFamilies.flatMap((family) => family.features)

export const targetFeatureNames: readonly string[] = targetFeatures.map((feature) => feature.name)

/** Writes the features of one target into `into[offset…]`, in the order of `targetFeatureNames`. */
export const writeTargetFeatures = (inputs: TargetInputs, into: Float32Array, offset: number): void => {
  writeFamilies(targetFamilies, inputs, into, offset)
}
