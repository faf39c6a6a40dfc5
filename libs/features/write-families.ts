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
  // One bit pattern for "missing", since an operation that makes a NaN may set its sign, and one for zero: vectors are
  // compared by bytes.
  for (let index = offset; index < at; index++) {
    const value = into[index]!
    into[index] = Number.isNaN(value) ? Number.NaN : value + 0
  }
}
