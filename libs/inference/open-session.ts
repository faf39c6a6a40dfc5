/** The only module that knows ONNX Runtime. */
import ort from 'onnxruntime-node'
import { checkRows, type Outputs, type Scorer } from './scorer.ts'

/**
 * ONNX Runtime holds the event loop while it runs. A day is 24 rows and one run; a week is cut up, so that it holds
 * others up no longer than two days would. Runs of more rows are no faster: a row of 2,100 trees costs 40 µs either way.
 */
const ROWS_A_RUN = 48

/** Loads a graph of one float input [rows, features] and float outputs [rows] or [rows, 1]. Throws when it is not one. */
export const openSession = async (
  graph: Buffer,
  { rowsARun = ROWS_A_RUN }: { rowsARun?: number } = {},
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

    const score: Scorer['score'] = async (rows, count, names = outputNames) => {
      checkRows(rows, count, featureCount)
      if (count <= rowsARun) return run(rows.subarray(0, count * featureCount), count, names)
      const whole = Object.fromEntries(names.map((name) => [name, new Float32Array(count)]))
      for (let from = 0; from < count; from += rowsARun) {
        const to = Math.min(count, from + rowsARun)
        const part = await run(rows.subarray(from * featureCount, to * featureCount), to - from, names)
        for (const name of names) (whole[name] as Float32Array).set(part[name] as Float32Array, from)
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
