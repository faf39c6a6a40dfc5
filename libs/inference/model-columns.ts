import { modelFeatureNames, vectorFeatureNames } from '@velocast/features'

/** Where each column of a model's rows comes from. A model may use any of this build's features, in any order. */
export interface ModelColumns {
  readonly count: number
  /** Columns that hold one value for the whole station: column, index in the feature vector, in turn. */
  readonly ofVector: Int32Array
  /** Columns that differ from target to target: column, index among the target's features, in turn. */
  readonly ofTarget: Int32Array
}

/** Throws for a name that this build does not know. */
export const modelColumnsOf = (features: readonly string[]): ModelColumns => {
  const ofVector: number[] = []
  const ofTarget: number[] = []
  for (const [column, name] of features.entries()) {
    const index = (modelFeatureNames as readonly string[]).indexOf(name)
    if (index === -1) throw new Error(`this build does not compute "${name}"`)
    if (index < vectorFeatureNames.length) ofVector.push(column, index)
    else ofTarget.push(column, index - vectorFeatureNames.length)
  }
  return { count: features.length, ofVector: Int32Array.from(ofVector), ofTarget: Int32Array.from(ofTarget) }
}
