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

/**
 * What is done to the numbers of a place. One function that looks at the kind, not one of each kind: a loop that calls
 * whatever it is given has to call it, and takes ten times as long.
 */
const apply = (kind: Kind, a: number, b: number, c: number): number => {
  switch (kind) {
    case 'Add':
      return a + b
    case 'Sub':
      return a - b
    case 'Mul':
      return a * b
    case 'Div':
      return a / b
    case 'Max':
      return Math.max(a, b)
    case 'Clip':
      return Math.min(Math.max(a, b), c)
    case 'IsNaN':
      return Number.isNaN(a) ? 1 : 0
    case 'Where':
      return a ? b : c
    case 'Sigmoid':
      return 1 / (1 + Math.exp(-a))
    case 'Exp':
      return Math.exp(a)
  }
}

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
  if (columns === 1) {
    const [stepA, stepB, stepC] = [Number(a.rows > 1), Number(b.rows > 1), Number(c.rows > 1)]
    for (let row = 0, inA = 0, inB = 0, inC = 0; row < rows; row++, inA += stepA, inB += stepB, inC += stepC)
      values[row] = apply(kind, a.values[inA]!, b.values[inB]!, c.values[inC]!)
    return { rows, columns, values }
  }
  for (let row = 0, at = 0; row < rows; row++) {
    const [inA, inB, inC] = [startOf(a, row), startOf(b, row), startOf(c, row)]
    for (let column = 0; column < columns; column++, at++)
      values[at] = apply(
        kind,
        a.values[a.columns === 1 ? inA : inA + column]!,
        b.values[b.columns === 1 ? inB : inB + column]!,
        c.values[c.columns === 1 ? inC : inC + column]!,
      )
  }
  return { rows, columns, values }
}

const startOf = ({ rows, columns }: Matrix, row: number): number => (rows === 1 ? 0 : row * columns)

const product = (a: Matrix, b: Matrix, memory: Memory): Matrix => {
  const values = memory(a.rows * b.columns)
  for (let row = 0; row < a.rows; row++)
    for (let column = 0; column < b.columns; column++) {
      let sum = 0
      for (let inner = 0; inner < a.columns; inner++)
        sum += a.values[row * a.columns + inner]! * b.values[inner * b.columns + column]!
      values[row * b.columns + column] = sum
    }
  return { rows: a.rows, columns: b.columns, values }
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
