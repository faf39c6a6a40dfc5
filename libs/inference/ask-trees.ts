/**
 * Trees as they are walked (`assembly/tree-sums.ts`): their splits name what they ask, and what many of them ask is said once.
 */

import {
  ABOVE_IS_LEAF,
  ANSWER_BYTES,
  DISTANCE_MASK,
  DISTANCE_SHIFT,
  MOST_LEVELS,
  QUESTION_SHIFT,
  UNDER_IS_LEAF,
} from './assembly/walks.ts'

/** Trees as they are read. Splits say `value <= threshold`; a missing value is below none. */
export interface TreeSum {
  /** Four numbers a split: column, threshold (in `thresholds`), where to go if so, if not. A split by its place, a leaf as ~leaf. */
  readonly splits: Int32Array
  /** The same memory as `splits`, as floats. */
  readonly thresholds: Float32Array
  readonly leaves: Float32Array
  readonly roots: Int32Array
  readonly base: number
}

/** All that the splits of some sums ask, each once: a column's thresholds, ascending, from `starts[column]` on. */
export interface Questions {
  readonly starts: Int32Array
  readonly thresholds: Float32Array
}

/** Trees whose leaves are added up: small, since what a walk waits for is memory. */
export interface AskedTrees {
  /** A word a split (`assembly/walks.ts`) or leaf (a float), from the root on the way of those that it is so for. */
  readonly words: Int32Array
  /** The place of each root, twice, and one more where it is a leaf. */
  readonly roots: Int32Array
  /** Those that ask the same in all splits of a level are kept apart. */
  readonly symmetric: readonly SymmetricTrees[]
  readonly base: number
}

/** Trees of as many levels, each of one question: their answers, put into a row, are the number of a leaf. */
export interface SymmetricTrees {
  readonly levels: number
  readonly trees: number
  /** From the root of each tree on, the place of the answer among all answers, in bytes. */
  readonly answers: Int32Array
  /** Of each tree, from those that every question is so for to those that none is. */
  readonly leaves: Float32Array
}

const MOST_QUESTIONS = 2 ** (32 - QUESTION_SHIFT)

/** `columns` counts the columns that splits may name. Throws a RangeError where there are more than 131,072 questions. */
export const collectQuestions = (sums: readonly TreeSum[], columns: number): Questions => {
  const counts = new Int32Array(columns)
  for (const { splits } of sums) for (let at = 0; at < splits.length; at += 4) counts[splits[at]!]!++
  const askedOf = Array.from(counts, (count) => new Float32Array(count))
  for (const { splits, thresholds } of sums)
    for (let at = 0; at < splits.length; at += 4) {
      const column = splits[at]!
      askedOf[column]![--counts[column]!] = thresholds[at + 1]!
    }
  const starts = new Int32Array(columns + 1)
  const eachOf = askedOf.map((asked, column) => {
    asked.sort()
    let count = 0
    for (let at = 0; at < asked.length; at++)
      if (at === 0 || asked[at] !== asked[count - 1]) asked[count++] = asked[at]!
    starts[column + 1] = starts[column]! + count
    return asked.subarray(0, count)
  })
  if (starts[columns]! > MOST_QUESTIONS) throw new RangeError('these trees ask too much')
  const thresholds = new Float32Array(starts[columns]!)
  for (let column = 0; column < columns; column++) thresholds.set(eachOf[column]!, starts[column]!)
  return { starts, thresholds }
}

/** The same trees, whose splits name their questions. Throws a RangeError where one has more than some four thousand leaves. */
export const askTrees = (sum: TreeSum, questions: Questions): AskedTrees => {
  const { splits, leaves: leafValues, base } = sum
  const levelsOf = sum.roots.map((root) => levelsUnder(sum, root))
  const roots = sum.roots.filter((_, tree) => levelsOf[tree] === 0)
  const words = new Int32Array(splits.length / 2 + roots.length)
  const leaves = new Float32Array(words.buffer)
  let end = 0
  const place = (at: number): number => {
    const to = end++
    if (at < 0) {
      leaves[to] = leafValues[~at]!
      return to
    }
    const [under, above] = [splits[at + 2]!, splits[at + 3]!]
    place(under)
    const distance = place(above) - to
    if (distance > DISTANCE_MASK) throw new RangeError('a tree is too large')
    words[to] =
      (questionAt(sum, at, questions) << QUESTION_SHIFT) |
      (distance << DISTANCE_SHIFT) |
      (under < 0 ? UNDER_IS_LEAF : 0) |
      (above < 0 ? ABOVE_IS_LEAF : 0)
    return to
  }
  const placed = roots.map((root) => 2 * place(root) + Number(root < 0))
  if (end > words.length) throw new RangeError('these trees share their parts')
  const kinds = new Set(levelsOf.filter((levels) => levels > 0))
  return {
    words: words.slice(0, end),
    roots: placed,
    symmetric: Array.from(kinds, (levels) =>
      symmetricTrees(
        sum,
        sum.roots.filter((_, tree) => levelsOf[tree] === levels),
        levels,
        questions,
      ),
    ),
    base,
  }
}

/** Those below `roots`, of which each has so many levels. */
const symmetricTrees = (
  sum: TreeSum,
  roots: Int32Array,
  levels: number,
  questions: Questions,
): SymmetricTrees => {
  const answers = new Int32Array(roots.length * levels)
  const leaves = new Float32Array(roots.length << levels)
  const leavesATree = 2 ** levels
  for (let tree = 0; tree < roots.length; tree++) {
    levelsUnder(sum, roots[tree]!)
    for (let level = 0; level < levels; level++)
      answers[tree * levels + level] = ANSWER_BYTES * questionAt(sum, nodes[2 ** level - 1]!, questions)
    for (let leaf = 0; leaf < leavesATree; leaf++)
      leaves[tree * leavesATree + leaf] = sum.leaves[~nodes[leavesATree - 1 + leaf]!]!
  }
  return { levels, trees: roots.length, answers, leaves }
}

/** Of the tree that was looked at last, level by level, from left to right. */
const nodes = new Int32Array(2 ** (MOST_LEVELS + 1))

/**
 * How many levels a tree has that asks one question in each and whose leaves are all below the last one; 0 for any other,
 * and where there are more levels than the number of a leaf has bits.
 */
const levelsUnder = ({ splits, thresholds }: TreeSum, root: number): number => {
  nodes[0] = root
  for (let levels = 0, first = 0; ; levels++) {
    const end = 2 * first + 1
    const node = nodes[first]!
    for (let at = first + 1; at < end; at++) {
      const other = nodes[at]!
      if (
        node < 0
          ? other >= 0
          : other < 0 || splits[other] !== splits[node] || thresholds[other + 1] !== thresholds[node + 1]
      )
        return 0
    }
    if (node < 0) return levels
    if (levels === MOST_LEVELS) return 0
    for (let at = first; at < end; at++) {
      nodes[2 * at + 1] = splits[nodes[at]! + 2]!
      nodes[2 * at + 2] = splits[nodes[at]! + 3]!
    }
    first = end
  }
}

const questionAt = ({ splits, thresholds }: TreeSum, at: number, questions: Questions): number =>
  firstNotBelow(questions, splits[at]!, thresholds[at + 1]!)

/** The place of a column's first threshold that `value` does not pass; behind its last where there is none. */
const firstNotBelow = ({ starts, thresholds }: Questions, column: number, value: number): number => {
  let low = starts[column]!
  let high = starts[column + 1]!
  if (Number.isNaN(value)) return high
  while (low < high) {
    const middle = (low + high) >>> 1
    if (thresholds[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
