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

/** Two days: a week is cut up, so that it holds others up no longer. A run of more rows is no faster for each. */
export const ROWS_A_RUN = 48

/** Scores in runs of at most so many rows, after each of which other work gets a turn; a single one is given on as it is. */
export const scoreInRuns = async (
  run: (rows: Float32Array, count: number) => Outputs | Promise<Outputs>,
  rows: Float32Array,
  count: number,
  { featureCount, names, rowsARun }: { featureCount: number; names: readonly string[]; rowsARun: number },
): Promise<Outputs> => {
  checkRows(rows, count, featureCount)
  if (count <= rowsARun) return run(rows.subarray(0, count * featureCount), count)
  const whole = Object.fromEntries(names.map((name) => [name, new Float32Array(count)]))
  for (let from = 0; from < count; from += rowsARun) {
    const to = Math.min(count, from + rowsARun)
    const part = await run(rows.subarray(from * featureCount, to * featureCount), to - from)
    for (const name of names) whole[name]!.set(part[name]!, from)
    await nextTurn()
  }
  return whole
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A graph that is another than was promoted. */
export class ChecksumError extends Error {
  override name = 'ChecksumError'
  readonly found: string
  readonly bytes: number

  constructor(found: string, bytes: number) {
    super(`the graph's SHA-256 is ${found} (${bytes} bytes)`)
    this.found = found
    this.bytes = bytes
  }
}

/** A model that is good and cannot be run at the moment: asking again helps. */
export class ScorerUnavailableError extends Error {
  override name = 'ScorerUnavailableError'
}

/** A graph whose file cannot be read: it says nothing of the graph, which may be had elsewhere. */
export class UnreachableGraphError extends Error {
  override name = 'UnreachableGraphError'
}
