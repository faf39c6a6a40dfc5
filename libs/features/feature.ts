import { createHash } from 'node:crypto'

/** The declaration of one feature: everything that names, stores, documents or checks it is made from this. */
export interface Feature {
  /** snake_case, with its unit and window: the name in Avro, in SQL and in a model's manifest. */
  readonly name: string
  readonly unit: string
  /** One sentence for a person. */
  readonly doc: string
  /** How far back it looks, milliseconds; absent for what looks at one moment. */
  readonly windowMs?: number
  readonly formula: string
  /** When the value is NaN; 'never' when it always has one. */
  readonly missingWhen: string
  /** Raised whenever the same inputs give another value: it is in the fingerprint, so old models are not fed by it. */
  readonly version: number
}

/**
 * Features that are computed together. `write` puts their values into `into[offset…]`, in the order of `features`;
 * one call a family instead of one a feature keeps the values unboxed and the inputs in registers.
 */
export interface FeatureFamily<Inputs> {
  readonly features: readonly Feature[]
  readonly write: (inputs: Inputs, into: Float32Array, offset: number) => void
}

export const fingerprintOfFeatures = (features: readonly Feature[]): string =>
  createHash('sha256')
    .update(features.map(({ name, version }) => `${name}@${version}\n`).join(''))
    .digest('hex')
