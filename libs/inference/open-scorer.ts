import { compileGraph } from './compile-graph.ts'
import { readOnnx } from './read-onnx.ts'
import { ROWS_A_RUN, type Scorer, scoreInRuns } from './scorer.ts'

export interface OpenScorerOptions {
  /** Rows after which other work gets a turn. */
  rowsARun?: number
  /** Called between pieces of a run, of some tenths of a millisecond, where the graph is one that is compiled. */
  onPiece?: () => void
}

/**
 * Loads a graph: one of trees as the trainer writes it is compiled, any other is run by ONNX Runtime, which is loaded only
 * for that. Throws when it is none.
 */
export const openScorer = async (graph: Buffer, options: OpenScorerOptions = {}): Promise<Scorer> =>
  openCompiled(graph, options) ?? (await import('./open-session.ts')).openSession(graph, options)

/** Null where the graph is of another kind, or none: ONNX Runtime says what is wrong with it. */
const openCompiled = (
  graph: Buffer,
  { rowsARun = ROWS_A_RUN, onPiece }: OpenScorerOptions,
): Scorer | null => {
  const compiled = compiledOf(graph, onPiece)
  if (!compiled) return null
  const { featureCount, outputNames, run } = compiled
  let isReleased = false
  return {
    featureCount,
    outputNames,
    score: async (rows, count, names = outputNames) => {
      if (isReleased) throw new Error('the model has been released')
      const runOne = (some: Float32Array, of: number) => run(some, of, names)
      return scoreInRuns(runOne, rows, count, { featureCount, names, rowsARun })
    },
    release: async () => {
      isReleased = true
    },
  }
}

const compiledOf = (graph: Buffer, onPiece?: () => void): ReturnType<typeof compileGraph> => {
  try {
    return compileGraph(readOnnx(graph), onPiece)
  } catch {
    return null
  }
}
