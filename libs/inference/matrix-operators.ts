/** ONNX operators as far as the graphs of trees use them, on matrices of floats: rows by few columns. */
import {
  OPERATOR_ADD,
  OPERATOR_CLIP,
  OPERATOR_DIV,
  OPERATOR_EXP,
  OPERATOR_IS_NAN,
  OPERATOR_MAX,
  OPERATOR_MUL,
  OPERATOR_SIGMOID,
  OPERATOR_SUB,
  OPERATOR_WHERE,
} from './assembly/operators.ts'
import type { Matrix, MatrixMemory, Worked } from './matrix-memory.ts'
import type { GraphNode } from './read-onnx.ts'

interface Applied {
  readonly node: GraphNode
  /** As many as `inputs` says, and no fewer. */
  readonly operands: readonly Matrix[]
  readonly memory: MatrixMemory
  /** A constant's numbers. */
  readonly numbersOf: (name: string | undefined) => number[] | null
}

export interface Operator {
  /** How many of the node's inputs are operands; the others are constants that say what it does. */
  readonly inputs: number
  /** Null where the node does it in a way that is not known here. */
  readonly apply: (applied: Applied) => Matrix | Worked | null
}

const each = (operator: number, inputs: 1 | 2 | 3): Operator => ({
  inputs,
  apply: ({ node, operands, memory }) =>
    node.inputs.length === inputs ? memory.elementWise(operator, operands) : null,
})

export const operators: Readonly<Record<string, Operator>> = {
  Add: each(OPERATOR_ADD, 2),
  Sub: each(OPERATOR_SUB, 2),
  Mul: each(OPERATOR_MUL, 2),
  Div: each(OPERATOR_DIV, 2),
  Max: each(OPERATOR_MAX, 2),
  Clip: each(OPERATOR_CLIP, 3),
  IsNaN: each(OPERATOR_IS_NAN, 1),
  Where: each(OPERATOR_WHERE, 3),
  Sigmoid: each(OPERATOR_SIGMOID, 1),
  Exp: each(OPERATOR_EXP, 1),
  MatMul: { inputs: 2, apply: ({ operands: [a, b], memory }) => memory.product(a!, b!) },
  Gather: {
    inputs: 1,
    apply: ({ node, operands: [of], memory, numbersOf }) => {
      const columns = numbersOf(node.inputs[1])
      return node.numbers.get('axis') === 1 && columns ? memory.gather(of!, columns) : null
    },
  },
  ReduceSum: {
    inputs: 1,
    apply: ({ node, operands: [of], memory, numbersOf }) =>
      numbersOf(node.inputs[1])?.join() === '1' && (node.numbers.get('keepdims') ?? 1) === 1
        ? memory.sumOfRows(of!)
        : null,
  },
}
