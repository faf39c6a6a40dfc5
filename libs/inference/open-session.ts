/** The only module that knows ONNX Runtime. */
import ort from 'onnxruntime-node'

/** Column name to one value a row. */
export type Outputs = Readonly<Record<string, Float32Array>>

export interface Scorer {
  readonly featureCount: number
  readonly outputNames: readonly string[]
  /**
   * Scores `count` rows of `featureCount` floats each (row after row, NaN = missing) and gives every output of the
   * graph, one float a row. The graph runs on the calling thread; other work gets a turn every `rowsARun` rows.
   * `rows` must not be changed before the promise resolves.
   */
  score: (rows: Float32Array, count: number) => Promise<Outputs>
  /** Gives the memory back. Nothing may be scored afterwards. */
  release: () => Promise<void>
}

/**
 * ONNX Runtime holds the event loop while it runs. A day is 24 rows and one run; a week is cut up, so that it holds
 * others up no longer than two days would. Runs of more rows are no faster: a row of 2,100 trees costs 40 µs either way.
 */
const ROWS_A_RUN = 48

/** Loads a graph of one float input [rows, features] and float outputs [rows] or [rows, 1]. Throws when it is not one. */
export const openSession = async (graph: Buffer): Promise<Scorer> => {
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

    const run = async (rows: Float32Array, count: number): Promise<Outputs> => {
      const results = await session.run({
        [inputName]: new ort.Tensor('float32', rows, [count, featureCount]),
      })
      return Object.fromEntries(outputNames.map((name) => [name, columnOf(results[name], name, count)]))
    }

    const score = async (rows: Float32Array, count: number): Promise<Outputs> => {
      if (rows.length < count * featureCount)
        throw new RangeError(
          `${count} rows of ${featureCount} features need ${count * featureCount} floats, not ${rows.length}`,
        )
      if (count <= ROWS_A_RUN) return run(rows.subarray(0, count * featureCount), count)
      const whole = Object.fromEntries(outputNames.map((name) => [name, new Float32Array(count)]))
      for (let from = 0; from < count; from += ROWS_A_RUN) {
        const to = Math.min(count, from + ROWS_A_RUN)
        const part = await run(rows.subarray(from * featureCount, to * featureCount), to - from)
        for (const name of outputNames) (whole[name] as Float32Array).set(part[name] as Float32Array, from)
      }
      return whole
    }

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
