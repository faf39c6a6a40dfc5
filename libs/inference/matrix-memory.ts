/**
 * The memory that a graph's small matrices are in, and the code that works on them there: `assembly/matrix.ts`, compiled. Some rows
 * are taken at a time, so every matrix has a place of its own, known before there is a row. In JavaScript the same took a fifth of
 * scoring a station: a matrix has a dozen columns, and an operator is over before its loop is fast.
 */
import { readFileSync } from 'node:fs'
import { OPERATOR_GATHER, OPERATOR_MAT_MUL, OPERATOR_REDUCE_SUM } from './assembly/operators.ts'
import { MOST_ROWS } from './assembly/walks.ts'
import { layOutMemory } from './lay-out-memory.ts'

/** A matrix in the memory. */
export interface Matrix {
  /** Its place, and how far it is to the next row and column; bytes. 0 where one row or column stands for all. */
  readonly at: number
  readonly rowStep: number
  readonly columnStep: number
  readonly columns: number
  /** Null where it has as many rows as there are given; a constant may have some of its own. */
  readonly rows: number | null
}

/** A matrix that is worked out by `run` for so many rows, when its operands have been. */
export interface Worked {
  readonly matrix: Matrix
  readonly run: (rows: number) => void
}

export interface MatrixMemory {
  /** The features of the rows that are given. */
  readonly input: Matrix
  readonly constant: (rows: number, columns: number, values: Float32Array) => Matrix
  /** A float a row, that the caller puts there. */
  readonly column: () => Matrix
  /** An operator on number by number. Null where the matrices do not fit each other. */
  readonly elementWise: (operator: number, operands: readonly Matrix[]) => Worked | null
  readonly product: (a: Matrix, b: Matrix) => Worked | null
  readonly sumOfRows: (of: Matrix) => Worked
  /** Some columns: the same memory where they are side by side, and null where there are no such columns. */
  readonly gather: (of: Matrix, columns: readonly number[]) => Matrix | Worked | null
  /** Writes rows, at most `MOST_ROWS`, of a matrix that is given, or a column. */
  readonly put: (matrix: Matrix, values: Float32Array) => void
  /** Copies a matrix of one column into the first `rows` places of `into`. */
  readonly take: (matrix: Matrix, rows: number, into: Float32Array) => void
}

interface Compiled {
  readonly memory: WebAssembly.Memory
  readonly execute: (instruction: number, rows: number) => void
}

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT
const compiled = new WebAssembly.Module(readFileSync(new URL('./generated/matrix.wasm', import.meta.url)))

/** Rows have `features` floats. Throws a RangeError where the memory cannot be had. */
export const createMatrixMemory = (features: number): MatrixMemory => {
  const { memory, execute } = new WebAssembly.Instance(compiled, { env: { exp: Math.exp } })
    .exports as Compiled

  const { reserve, put: place } = layOutMemory(memory)
  /** Growing makes all views of the memory useless. */
  let floats = new Float32Array(0)
  const asFloats = (): Float32Array => {
    if (floats.buffer !== memory.buffer) floats = new Float32Array(memory.buffer)
    return floats
  }

  const matrixAt = (at: number, columns: number, rows: number | null): Matrix => ({
    at,
    rowStep: rows === 1 ? 0 : FLOAT_BYTES * columns,
    columnStep: columns === 1 ? 0 : FLOAT_BYTES,
    columns,
    rows,
  })
  const matrix = (columns: number, rows: number | null): Matrix =>
    matrixAt(reserve(FLOAT_BYTES * columns * (rows ?? MOST_ROWS)), columns, rows)

  const work = (operator: number, into: Matrix, operands: readonly Matrix[], inner = 0): Worked => {
    const [a, b = a, c = a] = operands as [Matrix, Matrix?, Matrix?]
    const distances = [a, b, c].flatMap(({ at, rowStep, columnStep }) => [at, rowStep, columnStep])
    const isOfRows = Number(into.rows === null)
    const instruction = place(
      Int32Array.of(operator, isOfRows, into.columns, into.at, ...distances, inner, 0, 0),
    )
    return { matrix: into, run: (rows) => execute(instruction, rows) }
  }
  const rowsOf = (operands: readonly Matrix[]): 1 | null =>
    operands.some(({ rows }) => rows === null) ? null : 1

  return {
    input: matrix(features, null),
    constant: (rows, columns, values) => matrixAt(place(values), columns, rows),
    column: () => matrix(1, null),
    elementWise: (operator, operands) => {
      const columns = Math.max(...operands.map((each) => each.columns))
      const fits = operands.every(
        (each) => (each.columns === columns || each.columns === 1) && (each.rows ?? 1) === 1,
      )
      return fits ? work(operator, matrix(columns, rowsOf(operands)), operands) : null
    },
    product: (a, b) =>
      (a.rows ?? 1) === 1 && b.rows === a.columns
        ? work(OPERATOR_MAT_MUL, matrix(b.columns, a.rows), [a, b], a.columns)
        : null,
    sumOfRows: (of) => work(OPERATOR_REDUCE_SUM, matrix(1, of.rows), [of], of.columns),
    gather: (of, columns) => {
      const [first] = columns
      if (first === undefined || columns.some((column) => !(column >= 0 && column < of.columns))) return null
      if (columns.every((column, index) => column === first + index))
        return {
          ...of,
          at: of.at + first * of.columnStep,
          columnStep: columns.length === 1 ? 0 : of.columnStep,
          columns: columns.length,
        }
      const places = matrixAt(place(Int32Array.from(columns, (column) => column * of.columnStep)), 1, 1)
      return work(OPERATOR_GATHER, matrix(columns.length, of.rows), [of, places])
    },
    put: ({ at }, values) => asFloats().set(values, at / FLOAT_BYTES),
    take: ({ at, rowStep }, rows, into) => {
      const from = asFloats()
      for (let row = 0; row < rows; row++) into[row] = from[(at + row * rowStep) / FLOAT_BYTES]!
    },
  }
}
