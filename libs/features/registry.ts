import { fingerprintOfFeatures } from './feature.ts'
import { targetFeatureNames, targetFeatures } from './target-features.ts'
import { vectorFeatureNames, vectorFeatures } from './vector-features.ts'

/** A model's row: the vector, then the target's features. */
export const modelFeatureNames: readonly string[] = [...vectorFeatureNames, ...targetFeatureNames]

const byName = new Map([...vectorFeatures, ...targetFeatures].map((feature) => [feature.name, feature]))

/**
 * The identity of a list of features: SHA-256, in hex, over a `name@version` line each, in order. Throws on a name that
 * is not declared here.
 */
export const fingerprintOf = (names: readonly string[]): string =>
  fingerprintOfFeatures(
    names.map((name) => {
      const feature = byName.get(name)
      if (!feature)
        throw new Error(
          `No feature is called "${name}" in this version: see docs/features.md for those there are.`,
        )
      return feature
    }),
  )
