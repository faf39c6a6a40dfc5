/** Seeded trees of the shape that a booster grows, and the plain loop that evaluates them: what a graph must agree with. */
import type { OnnxNode } from './onnx-writer.ts'

export interface Split {
  feature: number
  threshold: number
  /** Where a missing value goes. */
  missingGoesLeft: boolean
  left: Tree
  right: Tree
}
export type Tree = Split | { leaf: number }

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export interface TreeShape {
  features: number
  trees: number
  leaves: number
  /** Leaves lie in ± this. */
  leafSpread: number
}

export const growTrees = (shape: TreeShape, random: () => number): Tree[] =>
  Array.from({ length: shape.trees }, () => growTree(shape, shape.leaves, random))

const growTree = (shape: TreeShape, leaves: number, random: () => number): Tree => {
  if (leaves <= 1) return { leaf: Math.fround((random() * 2 - 1) * shape.leafSpread) }
  const leftLeaves = Math.max(1, Math.min(leaves - 1, Math.round(leaves * (0.25 + random() * 0.5))))
  return {
    feature: Math.floor(random() * shape.features),
    threshold: Math.fround(random() * 20 - 5),
    missingGoesLeft: random() < 0.5,
    left: growTree(shape, leftLeaves, random),
    right: growTree(shape, leaves - leftLeaves, random),
  }
}

export const evaluateTrees = (trees: readonly Tree[], base: number, row: ArrayLike<number>): number => {
  let sum = base
  for (const root of trees) {
    let tree = root
    while (!('leaf' in tree)) {
      const value = row[tree.feature] as number
      tree = (Number.isNaN(value) ? tree.missingGoesLeft : value <= tree.threshold) ? tree.left : tree.right
    }
    sum += tree.leaf
  }
  return sum
}

/** One TreeEnsembleRegressor of ai.onnx.ml 3 that sums the trees over `features` into `output`. */
export const treesNode = (trees: readonly Tree[], base: number, output: string): OnnxNode => {
  const nodes = {
    treeids: [] as number[],
    nodeids: [] as number[],
    featureids: [] as number[],
    values: [] as number[],
    modes: [] as string[],
    truenodeids: [] as number[],
    falsenodeids: [] as number[],
    missing_value_tracks_true: [] as number[],
  }
  const target = { treeids: [] as number[], nodeids: [] as number[], weights: [] as number[] }
  trees.forEach((root, treeId) => {
    let nextId = 0
    const visit = (tree: Tree): number => {
      const id = nextId++
      const at = nodes.treeids.length
      const isLeaf = 'leaf' in tree
      nodes.treeids.push(treeId)
      nodes.nodeids.push(id)
      nodes.featureids.push(isLeaf ? 0 : tree.feature)
      nodes.values.push(isLeaf ? 0 : tree.threshold)
      nodes.modes.push(isLeaf ? 'LEAF' : 'BRANCH_LEQ')
      nodes.missing_value_tracks_true.push(!isLeaf && tree.missingGoesLeft ? 1 : 0)
      nodes.truenodeids.push(0)
      nodes.falsenodeids.push(0)
      if (isLeaf) {
        target.treeids.push(treeId)
        target.nodeids.push(id)
        target.weights.push(tree.leaf)
      } else {
        nodes.truenodeids[at] = visit(tree.left)
        nodes.falsenodeids[at] = visit(tree.right)
      }
      return id
    }
    visit(root)
  })
  return {
    op: 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    inputs: ['features'],
    outputs: [output],
    attributes: {
      n_targets: { int: 1 },
      aggregate_function: { string: 'SUM' },
      post_transform: { string: 'NONE' },
      base_values: { floats: [base] },
      nodes_treeids: { ints: nodes.treeids },
      nodes_nodeids: { ints: nodes.nodeids },
      nodes_featureids: { ints: nodes.featureids },
      nodes_values: { floats: nodes.values },
      nodes_modes: { strings: nodes.modes },
      nodes_truenodeids: { ints: nodes.truenodeids },
      nodes_falsenodeids: { ints: nodes.falsenodeids },
      nodes_missing_value_tracks_true: { ints: nodes.missing_value_tracks_true },
      target_treeids: { ints: target.treeids },
      target_nodeids: { ints: target.nodeids },
      target_ids: { ints: target.nodeids.map(() => 0) },
      target_weights: { floats: target.weights },
    },
  }
}
