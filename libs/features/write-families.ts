import type { FeatureFamily } from './feature.ts'

/** Writes the features of all families one after another. */
export const writeFamilies = <Inputs>(
  families: readonly FeatureFamily<Inputs>[],
  inputs: Inputs,
  into: Float32Array,
  offset: number,
): void => {
  let at = offset
  for (const family of families) {
    family.write(inputs, into, at)
    at += family.features.length
  }
  // One bit pattern for "missing": an operation that makes a NaN may set its sign, and vectors are compared by bytes.
  for (let index = offset; index < at; index++) if (Number.isNaN(into[index])) into[index] = Number.NaN
}
