/** Column name to one value a row. */
export type Outputs = Readonly<Record<string, Float32Array>>

export interface Scorer {
  readonly featureCount: number
  readonly outputNames: readonly string[]
  /**
   * Scores `count` rows of `featureCount` floats each (row after row, NaN = missing) and gives the outputs that are named,
   * by default every output of the graph, one float a row. `rows` must not be changed before the promise resolves.
   */
  score: (rows: Float32Array, count: number, names?: readonly string[]) => Promise<Outputs>
  /** Gives the memory back. Nothing may be scored afterwards. */
  release: () => Promise<void>
}

/** Throws a RangeError where there are fewer floats than `count` rows have. */
export const checkRows = (rows: Float32Array, count: number, featureCount: number): void => {
  if (rows.length < count * featureCount)
    throw new RangeError(
      `${count} rows of ${featureCount} features need ${count * featureCount} floats, not ${rows.length}`,
    )
}

/** A graph that is another than was promoted. */
export class ChecksumError extends Error {
  readonly found: string

  constructor(found: string) {
    super(`the graph's SHA-256 is ${found}`)
    this.name = 'ChecksumError'
    this.found = found
  }
}
