/** The only module that knows ONNX Runtime. */
import ort from 'onnxruntime-node'
import type { OpenScorerOptions } from './open-scorer.ts'
import { type Outputs, ROWS_A_RUN, type Scorer, scoreInRuns } from './scorer.ts'

/** Loads a graph of one float input [rows, features] and float outputs [rows] or [rows, 1]. Throws when it is not one. */
export const openSession = async (
  graph: Buffer,
  { rowsARun = ROWS_A_RUN }: OpenScorerOptions = {},
): Promise<Scorer> => {
  const session = await ort.InferenceSession.create(graph, {
    // One thread: replicas are scaled by process, and a spinning pool would take the core from the event loop.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Errors only: some exporters' graphs make a warning at every run.
    logSeverityLevel: 3,
  })
  try {
    const inputName = onlyInput(session)
    const featureCount = columnsOf(session)
    const outputNames = [...session.outputNames]

    const run = async (rows: Float32Array, count: number, names: readonly string[]): Promise<Outputs> => {
      const input = new ort.Tensor('float32', rows, [count, featureCount])
      const results = await session.run({ [inputName]: input }, names)
      return Object.fromEntries(names.map((name) => [name, columnOf(results[name], name, count)]))
    }

    const score: Scorer['score'] = (rows, count, names = outputNames) =>
      scoreInRuns((some, of) => run(some, of, names), rows, count, { featureCount, names, rowsARun })

    return { featureCount, outputNames, score, release: () => session.release() }
  } catch (error) {
    await session.release()
    throw error
  }
}

const onlyInput = (session: ort.InferenceSession): string => {
  const [name, ...others] = session.inputNames
  if (name === undefined || others.length > 0)
    throw new Error(`the graph must have one input, not ${session.inputNames.length}`)
  return name
}

const columnsOf = (session: ort.InferenceSession): number => {
  const input = session.inputMetadata[0]
  const columns = input?.isTensor ? input.shape[1] : undefined
  if (!input?.isTensor || input.type !== 'float32' || input.shape.length !== 2 || typeof columns !== 'number')
    throw new Error(`the graph's input must be a float tensor of [rows, features]: ${JSON.stringify(input)}`)
  return columns
}

const columnOf = (tensor: ort.Tensor | undefined, name: string, count: number): Float32Array => {
  if (!(tensor?.data instanceof Float32Array) || tensor.data.length !== count)
    throw new Error(`the graph's output "${name}" is not one float a row`)
  return tensor.data
}
