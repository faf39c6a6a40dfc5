/** ONNX operators as far as the graphs of trees use them, on matrices of floats: rows by few columns. */
import type { Memory } from './create-memory.ts'
import type { GraphNode } from './read-onnx.ts'

export interface Matrix {
  /** One row, or one column, stands for as many as are needed. */
  readonly rows: number
  readonly columns: number
  /** Row after row; there may be more behind them. */
  readonly values: Float32Array
}

interface Applied {
  /** How many of the node's inputs are values; the others were read before. */
  readonly inputs: number
  /** What comes out is in the memory given. */
  readonly run: (inputs: readonly Matrix[], memory: Memory) => Matrix
}

/** What a node does, or null where it does it in a way that is not known here. `numbersOf` gives a constant's numbers. */
type Operator = (node: GraphNode, numbersOf: (name: string | undefined) => number[] | null) => Applied | null

type Kind = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Clip' | 'IsNaN' | 'Where' | 'Sigmoid' | 'Exp'

const each =
  (kind: Kind, inputs: 1 | 2 | 3): Operator =>
  () => ({ inputs, run: (matrices, memory) => elementWise(kind, matrices, memory) })

export const operators: Readonly<Record<string, Operator>> = {
  Add: each('Add', 2),
  Sub: each('Sub', 2),
  Mul: each('Mul', 2),
  Div: each('Div', 2),
  Max: (node, numbersOf) => (node.inputs.length === 2 ? each('Max', 2)(node, numbersOf) : null),
  Clip: each('Clip', 3),
  IsNaN: each('IsNaN', 1),
  Where: each('Where', 3),
  Sigmoid: each('Sigmoid', 1),
  Exp: each('Exp', 1),
  MatMul: () => ({ inputs: 2, run: ([a, b], memory) => product(a!, b!, memory) }),
  Gather: (node, numbersOf) => {
    const columns = numbersOf(node.inputs[1])
    if (node.numbers.get('axis') !== 1 || !columns || columns.some((column) => column < 0)) return null
    return { inputs: 1, run: ([from], memory) => gather(from!, columns, memory) }
  },
  ReduceSum: (node, numbersOf) =>
    numbersOf(node.inputs[1])?.join() === '1' && (node.numbers.get('keepdims') ?? 1) === 1
      ? { inputs: 1, run: ([of], memory) => sumOfRows(of!, memory) }
      : null,
}

const elementWise = (kind: Kind, inputs: readonly Matrix[], memory: Memory): Matrix => {
  const [a, b = a, c = a] = inputs as [Matrix, Matrix?, Matrix?]
  const rows = Math.max(a.rows, b.rows, c.rows)
  const columns = Math.max(a.columns, b.columns, c.columns)
  const values = memory(rows * columns)
  // Rows are one run where every matrix has a number for each place, or one for all.
  const isOneRun = [a, b, c].every(
    (each) => (each.rows === rows && each.columns === columns) || each.rows * each.columns === 1,
  )
  const [runs, length] = isOneRun ? [1, rows * columns] : [rows, columns]
  const [stepA, stepB, stepC] = [stepOf(a, isOneRun), stepOf(b, isOneRun), stepOf(c, isOneRun)]
  const [rowA, rowB, rowC] = [rowStepOf(a), rowStepOf(b), rowStepOf(c)]
  for (let run = 0; run < runs; run++)
    applyAlong(
      kind,
      values,
      run * length,
      length,
      a.values,
      run * rowA,
      stepA,
      b.values,
      run * rowB,
      stepB,
      c.values,
      run * rowC,
      stepC,
    )
  return { rows, columns, values }
}

/** From a number of a row to its next: 0 where one stands for all. */
const stepOf = ({ rows, columns }: Matrix, isOneRun: boolean): number =>
  Number((isOneRun ? rows * columns : columns) > 1)

/** From a row to the next: 0 where one stands for all. */
const rowStepOf = ({ rows, columns }: Matrix): number => (rows === 1 ? 0 : columns)

/** A loop of each kind: one that looked at the kind, or called a function, for each number would take several times as long. */
const applyAlong = (
  kind: Kind,
  into: Float32Array,
  from: number,
  length: number,
  a: Float32Array,
  inA: number,
  stepA: number,
  b: Float32Array,
  inB: number,
  stepB: number,
  c: Float32Array,
  inC: number,
  stepC: number,
): void => {
  const end = from + length
  switch (kind) {
    case 'Add':
      for (let at = from; at < end; at++, inA += stepA, inB += stepB) into[at] = a[inA]! + b[inB]!
      break
    case 'Sub':
      for (let at = from; at < end; at++, inA += stepA, inB += stepB) into[at] = a[inA]! - b[inB]!
      break
    case 'Mul':
      for (let at = from; at < end; at++, inA += stepA, inB += stepB) into[at] = a[inA]! * b[inB]!
      break
    case 'Div':
      for (let at = from; at < end; at++, inA += stepA, inB += stepB) into[at] = a[inA]! / b[inB]!
      break
    case 'Max':
      for (let at = from; at < end; at++, inA += stepA, inB += stepB) into[at] = Math.max(a[inA]!, b[inB]!)
      break
    case 'Clip':
      for (let at = from; at < end; at++, inA += stepA, inB += stepB, inC += stepC)
        into[at] = Math.min(Math.max(a[inA]!, b[inB]!), c[inC]!)
      break
    case 'IsNaN':
      for (let at = from; at < end; at++, inA += stepA) into[at] = Number.isNaN(a[inA]!) ? 1 : 0
      break
    case 'Where':
      for (let at = from; at < end; at++, inA += stepA, inB += stepB, inC += stepC)
        into[at] = a[inA] ? b[inB]! : c[inC]!
      break
    case 'Sigmoid':
      for (let at = from; at < end; at++, inA += stepA) into[at] = 1 / (1 + Math.exp(-a[inA]!))
      break
    case 'Exp':
      for (let at = from; at < end; at++, inA += stepA) into[at] = Math.exp(a[inA]!)
      break
  }
}

/** Sums are doubles until they are whole. */
const product = (a: Matrix, b: Matrix, memory: Memory): Matrix => {
  const { rows, columns: inner } = a
  const { columns } = b
  const values = memory(rows * columns)
  const sums = new Float64Array(columns)
  for (let row = 0; row < rows; row++) {
    sums.fill(0)
    for (let at = 0; at < inner; at++) {
      const factor = a.values[row * inner + at]!
      for (let column = 0; column < columns; column++)
        sums[column] = sums[column]! + factor * b.values[at * columns + column]!
    }
    for (let column = 0; column < columns; column++) values[row * columns + column] = sums[column]!
  }
  return { rows, columns, values }
}

const gather = ({ rows, columns, values: of }: Matrix, chosen: readonly number[], memory: Memory): Matrix => {
  const values = memory(rows * chosen.length)
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < chosen.length; at++)
      values[row * chosen.length + at] = of[row * columns + chosen[at]!]!
  return { rows, columns: chosen.length, values }
}

const sumOfRows = ({ rows, columns, values: of }: Matrix, memory: Memory): Matrix => {
  const values = memory(rows)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let column = 0; column < columns; column++) sum += of[row * columns + column]!
    values[row] = sum
  }
  return { rows, columns: 1, values }
}
