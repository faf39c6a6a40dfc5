/**
 * A graph of trees as the trainer writes it (`onnx_graph.py`), ready to be run without ONNX Runtime: sums of trees, of one
 * band of horizons each, and few sums and products around them. ONNX Runtime walks every tree for every row and works
 * out every output; here rows that are alike share the way (`assembly/tree-sums.ts`), and only what is asked for is worked out.
 *
 * A graph that holds anything else is not compiled. One that is must give the golden rows, as any other does.
 */

import type { TreeSum } from './ask-trees.ts'
import { MOST_ROWS } from './assembly/walks.ts'
import { type BandedTrees, type Banding, createForest } from './forest.ts'
import { createMatrixMemory, type Matrix } from './matrix-memory.ts'
import { type Operator, operators } from './matrix-operators.ts'
import type { GraphNode, GraphTensor, OnnxGraph } from './read-onnx.ts'
import { readTrees } from './read-trees.ts'

export interface CompiledGraph {
  readonly featureCount: number
  readonly outputNames: readonly string[]
  /** The outputs named, a float a row. */
  readonly run: (rows: Float32Array, count: number, names: readonly string[]) => Record<string, Float32Array>
}

/** How a value of the graph is come by. */
interface Value {
  readonly matrix: Matrix
  /** Whose sums it is. */
  readonly trees?: BandedTrees
  /** Works it out of the values that are named. */
  readonly run?: (rows: number) => void
  readonly inputs?: readonly string[]
}

/** What leads to some outputs. */
interface Plan {
  readonly trees: ReadonlyMap<BandedTrees, Matrix>
  /** Each behind those whose values it needs. */
  readonly runs: readonly ((rows: number) => void)[]
  readonly outputs: readonly Matrix[]
}

/**
 * Null where the graph is not of this kind. Throws where its trees are none, or larger than can be said in a word. `onPiece` is
 * called before each piece of a run, of some tenths of a millisecond.
 */
export const compileGraph = (graph: OnnxGraph, onPiece?: () => void): CompiledGraph | null => {
  const [input, ...others] = graph.inputs
  const [rowsDim, featureCount, ...moreDims] = input?.[1] ?? []
  if (!input || others.length > 0 || rowsDim !== null || !featureCount || moreDims.length > 0) return null
  const [inputName] = input
  const memory = createMatrixMemory(featureCount)
  const reader = createReader(graph, inputName, featureCount)

  const values = new Map<string, Value>([[inputName, { matrix: memory.input }]])
  const compile = (name: string): Value | null => {
    const known = values.get(name)
    if (known) return known
    const value = makeValue(name)
    if (value) values.set(name, value)
    return value
  }
  const makeValue = (name: string): Value | null => {
    const step = reader.stepOf(name)
    if (!step) return null
    if (step.kind === 'constant') return { matrix: memory.constant(step.rows, step.columns, step.values) }
    if (step.kind === 'trees') return { matrix: memory.column(), trees: step.trees }
    const { node, operator, numbersOf } = step
    const inputs = node.inputs.slice(0, operator.inputs)
    const operands = inputs.map((each) => compile(each)?.matrix)
    if (operands.length < operator.inputs || operands.includes(undefined)) return null
    const applied = operator.apply({ node, operands: operands as Matrix[], memory, numbersOf })
    if (!applied) return null
    return { inputs, ...('run' in applied ? applied : { matrix: applied }) }
  }
  if (!graph.outputNames.every((name) => compile(name)?.matrix.columns === 1)) return null

  const forest = createForest(
    [...values.values()].flatMap(({ trees }) => (trees ? [trees] : [])),
    featureCount,
    onPiece,
  )
  /** By the outputs named: few wish for something else than others. */
  const plans = new Map<string, Plan>()
  const planFor = (names: readonly string[]): Plan => {
    const key = names.join()
    const known = plans.get(key)
    if (known) return known
    const needed = new Set<Value>()
    const need = (name: string): Value => {
      const value = values.get(name)!
      for (const input of value.inputs ?? []) need(input)
      needed.add(value)
      return value
    }
    const outputs = names.map((name) => need(name).matrix)
    const plan = {
      trees: new Map([...needed].flatMap(({ trees, matrix }) => (trees ? [[trees, matrix]] : []))),
      runs: [...needed].flatMap(({ run }) => (run ? [run] : [])),
      outputs,
    }
    plans.set(key, plan)
    return plan
  }

  return {
    featureCount,
    outputNames: graph.outputNames,
    run: (rows, count, names) => {
      const { trees, runs, outputs } = planFor(names)
      const sums = forest.sum(rows, count, [...trees.keys()])
      const found = names.map(() => new Float32Array(count))
      for (let from = 0; from < count; from += MOST_ROWS) {
        const until = Math.min(from + MOST_ROWS, count)
        memory.put(memory.input, rows.subarray(from * featureCount, until * featureCount))
        for (const [each, matrix] of trees) memory.put(matrix, sums.get(each)!.subarray(from, until))
        for (const run of runs) run(until - from)
        for (const [index, matrix] of outputs.entries())
          memory.take(matrix, until - from, found[index]!.subarray(from, until))
      }
      return Object.fromEntries(names.map((name, index) => [name, found[index]!]))
    },
  }
}

/** What a value of the graph is. */
type Step =
  | { kind: 'trees'; trees: BandedTrees }
  | { kind: 'constant'; rows: number; columns: number; values: Float32Array }
  | {
      kind: 'operator'
      node: GraphNode
      operator: Operator
      numbersOf: (name: string | undefined) => number[] | null
    }

/** Finds out what each value of a graph is. */
const createReader = (graph: OnnxGraph, inputName: string, features: number) => {
  const nodeOf = new Map<string, GraphNode>()
  for (const node of graph.nodes) for (const output of node.outputs) nodeOf.set(output, node)

  const constantOf = (name: string | undefined): GraphTensor | null => {
    if (name === undefined) return null
    const node = nodeOf.get(name)
    return (
      graph.initializers.get(name) ??
      (node?.operator === 'Constant' ? (node.tensors.get('value') ?? null) : null)
    )
  }
  const numbersOf = (name: string | undefined): number[] | null => {
    const constant = constantOf(name)
    return constant && Array.from(constant.values)
  }
  const from = (name: string | undefined, operator: string): GraphNode | null => {
    const node = name === undefined ? undefined : nodeOf.get(name)
    return node?.operator === operator && node.domain === '' ? node : null
  }

  /** The features, and behind them once more with -infinity for what is missing. */
  const isBothWays = (name: string | undefined): boolean => {
    const both = from(name, 'Concat')
    const least = from(both?.inputs[1], 'Where')
    const missing = from(least?.inputs[0], 'IsNaN')
    const [value] = numbersOf(least?.inputs[1]) ?? []
    return (
      both?.numbers.get('axis') === 1 &&
      both.inputs.length === 2 &&
      both.inputs[0] === inputName &&
      least?.inputs[2] === inputName &&
      missing?.inputs[0] === inputName &&
      value === Number.NEGATIVE_INFINITY
    )
  }

  const treesOver = (
    node: GraphNode | undefined,
    isInput: (name: string | undefined) => boolean,
  ): TreeSum | null => {
    if (!node || !isInput(node.inputs[0])) return null
    const trees = readTrees(node, features)
    return trees && hasColumnsBelow(trees, 2 * features) ? trees : null
  }
  const isFeatures = (name: string | undefined): boolean => name === inputName || isBothWays(name)

  /** How many edges a row's horizon does not pass. */
  const bandingOf = (name: string | undefined): Banding | null => {
    const sum = from(name, 'ReduceSum')
    const compared = from(from(sum?.inputs[0], 'Cast')?.inputs[0], 'LessOrEqual')
    const horizon = from(compared?.inputs[0], 'Gather')
    const [column, ...otherColumns] = numbersOf(horizon?.inputs[1]) ?? []
    const edges = numbersOf(compared?.inputs[1])
    if (
      column === undefined ||
      !edges ||
      otherColumns.length > 0 ||
      horizon?.inputs[0] !== inputName ||
      horizon.numbers.get('axis') !== 1 ||
      numbersOf(sum?.inputs[1])?.join() !== '1' ||
      sum?.numbers.get('keepdims') !== 0
    )
      return null
    return { horizonColumn: column, edges }
  }

  /** Column by column, what a chain of `ScatterND` puts together: the rows of each band by the band's own trees. */
  const bandedColumns = (name: string | undefined): BandedTrees[] | null => {
    const bands: { edgesLeft: number; columns: TreeSum[] }[] = []
    let banding: Banding | null = null
    let at = name
    for (let scatter = from(at, 'ScatterND'); scatter; scatter = from(at, 'ScatterND')) {
      const [before, rowsName, saidName] = scatter.inputs
      const transposed = from(rowsName, 'Transpose')
      const isHere = from(from(transposed?.inputs[0], 'NonZero')?.inputs[0], 'Equal')
      const own = bandingOf(isHere?.inputs[0])
      const [edgesLeft] = numbersOf(isHere?.inputs[1]) ?? []
      const said = from(saidName, 'Concat')
      if (!own || edgesLeft === undefined || said?.numbers.get('axis') !== 1) return null
      if (banding && JSON.stringify(banding) !== JSON.stringify(own)) return null
      banding = own
      const isOfBand = (rows: string | undefined): boolean => {
        const gathered = from(rows, 'GatherND')
        return gathered?.inputs[1] === rowsName && isFeatures(gathered?.inputs[0])
      }
      const columns = said.inputs.map((each) => treesOver(nodeOf.get(each), isOfBand))
      if (columns.includes(null)) return null
      bands.push({ edgesLeft, columns: columns as TreeSum[] })
      at = before
    }
    const nothing = from(at, 'ConstantOfShape')
    const filledWith = nothing?.tensors.get('value')?.values[0] ?? 0
    const [first] = bands
    if (!nothing || filledWith !== 0 || !first) return null
    if (bands.some(({ columns }) => columns.length !== first.columns.length)) return null
    return first.columns.map((_, column) => ({
      banding,
      parts: new Map(bands.map(({ edgesLeft, columns }) => [edgesLeft, columns[column]!])),
    }))
  }

  const columnsOfSplit = new Map<GraphNode, BandedTrees[] | null>()
  const splitColumn = (node: GraphNode, name: string): Step | null => {
    if (!columnsOfSplit.has(node)) columnsOfSplit.set(node, bandedColumns(node.inputs[0]))
    const columns = columnsOfSplit.get(node)
    const isEven = node.numbers.get('axis') === 1 && node.inputs.length === 1
    if (!columns || !isEven || columns.length !== node.outputs.length) return null
    return { kind: 'trees', trees: columns[node.outputs.indexOf(name)]! }
  }

  const stepOf = (name: string): Step | null => {
    const constant = constantOf(name)
    if (constant) return matrixOf(constant)
    const node = nodeOf.get(name)
    if (!node) return null
    if (node.domain === 'ai.onnx.ml') {
      const trees = treesOver(node, isFeatures)
      return trees && { kind: 'trees', trees: { banding: null, parts: new Map([[0, trees]]) } }
    }
    if (node.domain !== '') return null
    if (node.operator === 'Split') return splitColumn(node, name)
    const operator = operators[node.operator]
    return operator ? { kind: 'operator', node, operator, numbersOf } : null
  }
  return { stepOf }
}

const hasColumnsBelow = ({ splits }: TreeSum, columns: number): boolean => {
  for (let at = 0; at < splits.length; at += 4) if (splits[at]! < 0 || splits[at]! >= columns) return false
  return true
}

const matrixOf = ({ dims, values }: GraphTensor): Step | null =>
  dims.length > 2
    ? null
    : {
        kind: 'constant',
        rows: dims.length === 2 ? dims[0]! : 1,
        columns: dims.at(-1) ?? 1,
        values: Float32Array.from(values),
      }
