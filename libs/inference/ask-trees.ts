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
  const askedOf: number[][] = Array.from({ length: columns }, () => [])
  for (const { splits, thresholds } of sums)
    for (let at = 0; at < splits.length; at += 4) askedOf[splits[at]!]!.push(thresholds[at + 1]!)
  const starts = new Int32Array(columns + 1)
  const all = askedOf.map((asked, column) => {
    const ascending = Float32Array.from(asked).sort()
    const each = ascending.filter((threshold, index) => index === 0 || threshold !== ascending[index - 1])
    starts[column + 1] = starts[column]! + each.length
    return each
  })
  if (starts[columns]! > MOST_QUESTIONS) throw new RangeError('these trees ask too much')
  const thresholds = new Float32Array(starts[columns]!)
  for (const [column, each] of all.entries()) thresholds.set(each, starts[column]!)
  return { starts, thresholds }
}

/** The same trees, whose splits name their questions. Throws a RangeError where one has more than some four thousand leaves. */
export const askTrees = (sum: TreeSum, questions: Questions): AskedTrees => {
  const { splits, leaves: leafValues, base } = sum
  const levelsOf = new Map(Array.from(sum.roots, (root) => [root, levelsUnder(sum, root)]))
  const roots = sum.roots.filter((root) => !levelsOf.get(root))
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
  const symmetric = [...levelsOf.values()].filter((levels) => levels !== null)
  return {
    words: words.slice(0, end),
    roots: placed,
    symmetric: [...Map.groupBy(symmetric, ({ length }) => length)].map(([length, trees]) => ({
      levels: length - 1,
      trees: trees.length,
      answers: Int32Array.from(
        trees.flatMap((levels) =>
          levels.slice(0, -1).map(([first]) => ANSWER_BYTES * questionAt(sum, first!, questions)),
        ),
      ),
      leaves: Float32Array.from(trees.flatMap((levels) => levels.at(-1)!.map((leaf) => leafValues[~leaf]!))),
    })),
    base,
  }
}

/**
 * The splits of a tree level by level, from left to right, and its leaves as the last one; null where some split asks anything but
 * the others of its level, where leaves are not all below the last one, and where there are more levels than a number of a leaf has bits.
 */
const levelsUnder = ({ splits, thresholds }: TreeSum, root: number): number[][] | null => {
  const levels = [[root]]
  for (let level = levels[0]!; level[0]! >= 0; levels.push(level)) {
    const [first] = level as [number]
    const isOneQuestion = level.every(
      (at) => at >= 0 && splits[at] === splits[first] && Object.is(thresholds[at + 1], thresholds[first + 1]),
    )
    if (!isOneQuestion || levels.length > MOST_LEVELS) return null
    level = level.flatMap((at) => [splits[at + 2]!, splits[at + 3]!])
  }
  return levels.length > 1 && levels.at(-1)!.every((at) => at < 0) ? levels : null
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
