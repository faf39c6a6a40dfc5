import type { TreeSum } from './ask-trees.ts'
import type { GraphNode } from './read-onnx.ts'

const LESS_OR_EQUAL = 0
const none = new Float64Array(0)

/** The trees of a node over `features` columns, or null where it does anything but add up one leaf of each by `<=`. */
export const readTrees = (node: GraphNode, features: number): TreeSum | null => {
  if (node.domain !== 'ai.onnx.ml') return null
  if (node.operator === 'TreeEnsemble') return readEnsemble(node)
  return node.operator === 'TreeEnsembleRegressor' ? readRegressor(node, features) : null
}

/** As of ai.onnx.ml 5: nodes in lists, children by their place. */
const readEnsemble = (node: GraphNode): TreeSum | null => {
  const list = (name: string): Float64Array => node.lists.get(name) ?? none
  const columns = list('nodes_featureids')
  const thresholdValues = node.tensors.get('nodes_splits')?.values
  const weights = node.tensors.get('leaf_weights')?.values
  const modes = node.tensors.get('nodes_modes')?.values
  if (
    !thresholdValues ||
    !weights ||
    !modes ||
    node.numbers.get('n_targets') !== 1 ||
    // 1 adds up, which is also the default; of transforms 0 is none.
    (node.numbers.get('aggregate_function') ?? 1) !== 1 ||
    (node.numbers.get('post_transform') ?? 0) !== 0 ||
    node.tensors.has('nodes_hitrates') ||
    node.tensors.has('membership_values') ||
    !isAll(list('nodes_missing_value_tracks_true'), 0) ||
    !isAll(list('leaf_targetids'), 0) ||
    !isAll(modes, LESS_OR_EQUAL)
  )
    return null
  const splits = new Int32Array(4 * columns.length)
  const thresholds = new Float32Array(splits.buffer)
  const [below, isLeafBelow] = [list('nodes_truenodeids'), list('nodes_trueleafs')]
  const [above, isLeafAbove] = [list('nodes_falsenodeids'), list('nodes_falseleafs')]
  // By their places: this runs once for a model, before anything has been made quick.
  for (let index = 0, at = 0; index < columns.length; index++, at += 4) {
    splits[at] = columns[index]!
    thresholds[at + 1] = thresholdValues[index]!
    splits[at + 2] = isLeafBelow[index] ? ~below[index]! : 4 * below[index]!
    splits[at + 3] = isLeafAbove[index] ? ~above[index]! : 4 * above[index]!
  }
  const roots = Int32Array.from(list('tree_roots'), (root) => 4 * root)
  checkTrees(splits, roots)
  return { splits, thresholds, leaves: Float32Array.from(weights), roots, base: 0 }
}

/** As of ai.onnx.ml 3: nodes by tree and number, leaves among them, and for each split whether a missing value is below. */
const readRegressor = (node: GraphNode, features: number): TreeSum | null => {
  const list = (name: string): Float64Array => node.lists.get(name) ?? none
  const text = (name: string, otherwise: string): string => node.texts.get(name)?.[0] ?? otherwise
  const modes = node.texts.get('nodes_modes') ?? []
  const [base = 0, ...otherBases] = list('base_values')
  if (
    node.numbers.get('n_targets') !== 1 ||
    text('aggregate_function', 'SUM') !== 'SUM' ||
    text('post_transform', 'NONE') !== 'NONE' ||
    otherBases.length > 0 ||
    list('target_ids').some((each) => each !== 0) ||
    modes.some((mode) => mode !== 'BRANCH_LEQ' && mode !== 'LEAF')
  )
    return null
  const treeIds = list('nodes_treeids')
  const keyOf = (tree: number, id: number): string => `${tree}/${id}`
  const weightOf = new Map<string, number>()
  const targetNodes = list('target_nodeids')
  for (const [index, tree] of list('target_treeids').entries()) {
    const key = keyOf(tree, targetNodes[index]!)
    if (weightOf.has(key)) return null
    weightOf.set(key, list('target_weights')[index]!)
  }
  const leaves: number[] = []
  const placeOf = new Map<string, number>()
  const roots: number[] = []
  const ids = list('nodes_nodeids')
  let count = 0
  for (const [index, tree] of treeIds.entries()) {
    const key = keyOf(tree, ids[index]!)
    const place = modes[index] === 'LEAF' ? ~(leaves.push(weightOf.get(key) ?? 0) - 1) : 4 * count++
    placeOf.set(key, place)
    if (index === 0 || treeIds[index - 1] !== tree) roots.push(place)
  }
  const splits = new Int32Array(4 * count)
  const thresholds = new Float32Array(splits.buffer)
  for (const [index, tree] of treeIds.entries()) {
    const at = placeOf.get(keyOf(tree, ids[index]!))!
    if (at < 0) continue
    const isBelowWhenMissing = list('nodes_missing_value_tracks_true')[index] === 1
    splits[at] = list('nodes_featureids')[index]! + (isBelowWhenMissing ? features : 0)
    thresholds[at + 1] = list('nodes_values')[index]!
    splits[at + 2] = placeOf.get(keyOf(tree, list('nodes_truenodeids')[index]!))!
    splits[at + 3] = placeOf.get(keyOf(tree, list('nodes_falsenodeids')[index]!))!
  }
  checkTrees(splits, roots)
  return { splits, thresholds, leaves: Float32Array.from(leaves), roots: Int32Array.from(roots), base }
}

const isAll = (values: ArrayLike<number>, value: number): boolean => {
  for (let at = 0; at < values.length; at++) if (values[at] !== value) return false
  return true
}

/** Throws where a way comes back to itself or leads out of the trees. */
const checkTrees = (splits: Int32Array, roots: Iterable<number>): void => {
  const count = splits.length / 4
  let seen = 0
  const waiting = Array.from(roots).filter((root) => root >= 0)
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (++seen > count || at >= splits.length) throw new Error('the nodes of an ensemble are no trees')
    for (const child of [splits[at + 2]!, splits[at + 3]!]) if (child >= 0) waiting.push(child)
  }
}
