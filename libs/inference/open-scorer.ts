import { compileGraph } from './compile-graph.ts'
import { readOnnx } from './read-onnx.ts'
import { checkRows, type Outputs, type Scorer } from './scorer.ts'

export interface OpenScorerOptions {
  /** Rows after which other work gets a turn. */
  rowsARun?: number
}

/**
 * Loads a graph: one of trees as the trainer writes it is compiled, any other is run by ONNX Runtime, which is loaded only
 * for that. Throws when it is none.
 */
export const openScorer = async (graph: Buffer, options: OpenScorerOptions = {}): Promise<Scorer> =>
  openCompiled(graph, options) ?? (await import('./open-session.ts')).openSession(graph, options)

/** Two days: a week is cut up, so that it holds others up no longer. */
const ROWS_A_RUN = 48

/** Null where the graph is of another kind, or none: ONNX Runtime says what is wrong with it. */
export const openCompiled = (
  graph: Buffer,
  { rowsARun = ROWS_A_RUN }: OpenScorerOptions = {},
): Scorer | null => {
  const compiled = compiledOf(graph)
  if (!compiled) return null
  const { featureCount, outputNames } = compiled
  let isReleased = false
  return {
    featureCount,
    outputNames,
    score: async (rows, count, names = outputNames) => {
      if (isReleased) throw new Error('the model has been released')
      checkRows(rows, count, featureCount)
      if (count <= rowsARun) return compiled.run(rows, count, names)
      const whole: Record<string, Float32Array> = Object.fromEntries(
        names.map((name) => [name, new Float32Array(count)]),
      )
      for (let from = 0; from < count; from += rowsARun) {
        const some = Math.min(rowsARun, count - from)
        const part: Outputs = compiled.run(rows.subarray(from * featureCount), some, names)
        for (const name of names) whole[name]!.set(part[name]!, from)
        await nextTurn()
      }
      return whole
    },
    release: async () => {
      isReleased = true
    },
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const compiledOf = (graph: Buffer): ReturnType<typeof compileGraph> => {
  try {
    return compileGraph(readOnnx(graph))
  } catch {
    return null
  }
}
