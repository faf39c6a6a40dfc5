/**
 * Sums of trees over up to 32 rows at once: rows are the bits of a number. What each split says of each row is worked out
 * beforehand, once for all trees that ask the same (a fitted model asks some thousand questions in some hundred thousand
 * splits), so that a step of a walk is one look at a table: the rows part where it has both bits, and go on together
 * where it has one. The targets of one station go most of the way together, and rows of many stations still share the
 * upper parts of the trees.
 */

/** Trees as they are read. Splits say `value <= threshold`; a missing value is below none. */
export interface TreeSum {
  /** Four numbers a split: column, threshold (in `thresholds`), where to go if so, if not. A split by its place, a leaf as ~leaf. */
  readonly splits: Int32Array
  /** The same memory as `splits`, as floats. */
  readonly thresholds: Float32Array
  readonly leaves: Float32Array
  readonly roots: Int32Array
  readonly depth: number
  readonly base: number
}

/** All that the splits of some sums ask, each once: a column's thresholds, ascending, from `starts[column]` on. */
export interface Questions {
  readonly starts: Int32Array
  readonly thresholds: Float32Array
}

/** Trees whose leaves are added up. */
export interface AskedTrees {
  /** Three numbers a split: its question, where to go if so, if not. A split by its place, a leaf as ~leaf. */
  readonly splits: Int32Array
  readonly leaves: Float32Array
  readonly roots: Int32Array
  readonly depth: number
  readonly base: number
}

export const MOST_ROWS = 32

/** `columns` counts the columns that splits may name. */
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
  const thresholds = new Float32Array(starts[columns]!)
  for (const [column, each] of all.entries()) thresholds.set(each, starts[column]!)
  return { starts, thresholds }
}

/** The same trees, whose splits name their questions. */
export const askTrees = (
  { splits, thresholds, leaves, roots, depth, base }: TreeSum,
  questions: Questions,
): AskedTrees => {
  const placeOf = (at: number): number => (at < 0 ? at : (at / 4) * 3)
  const asked = new Int32Array((splits.length / 4) * 3)
  for (let at = 0, to = 0; at < splits.length; at += 4, to += 3) {
    asked[to] = firstNotBelow(questions, splits[at]!, thresholds[at + 1]!)
    asked[to + 1] = placeOf(splits[at + 2]!)
    asked[to + 2] = placeOf(splits[at + 3]!)
  }
  return { splits: asked, leaves, roots: roots.map(placeOf), depth, base }
}

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

/**
 * Writes into `answers`, for each question, the rows that it is so for: bit i is the row at `places[i]`, of at most 32. Columns
 * from `features` on are the features once more, with -infinity for what is missing.
 */
export const answerQuestions = (
  questions: Questions,
  rows: Float32Array,
  features: number,
  places: Int32Array,
  answers: Int32Array,
): void => {
  const { starts } = questions
  const all = allOf(places.length)
  for (let column = 0; column + 1 < starts.length; column++) {
    const start = starts[column]!
    const end = starts[column + 1]!
    if (start === end) continue
    const isCopy = column >= features
    const from = isCopy ? column - features : column
    let value = rows[places[0]! * features + from]!
    let first = isCopy && Number.isNaN(value) ? start : firstNotBelow(questions, column, value)
    let same = 1
    while (same < places.length && Object.is(rows[places[same]! * features + from]!, value)) same++
    if (same === places.length) {
      answers.fill(0, start, first)
      answers.fill(all, first, end)
      continue
    }
    answers.fill(0, start, end)
    for (let row = 0; row < places.length; row++) {
      const own = rows[places[row]! * features + from]!
      if (!Object.is(own, value)) {
        value = own
        first = isCopy && Number.isNaN(value) ? start : firstNotBelow(questions, column, value)
      }
      if (first < end) answers[first]! |= 1 << row
    }
    let until = 0
    for (let at = start; at < end; at++) {
      until |= answers[at]!
      answers[at] = until
    }
  }
}

const allOf = (count: number): number => (count === 32 ? -1 : (1 << count) - 1)

/** Ways that are still to be gone, and sums of a row each. Reused: a thread runs one graph at a time. */
const waitingAt = new Int32Array(1024)
const waitingRows = new Int32Array(1024)
const sums = new Float64Array(MOST_ROWS)

/** Puts the sums of `trees` for the rows at `places` into `into`, there. `answers` are the rows' own. */
export const sumTrees = (
  { splits, leaves, roots, base }: AskedTrees,
  answers: Int32Array,
  places: Int32Array,
  into: Float32Array,
): void => {
  const all = allOf(places.length)
  let ofAll = base
  sums.fill(0)
  for (let tree = 0; tree < roots.length; tree++) {
    let at = roots[tree]!
    let rows = all
    let waiting = 0
    for (;;) {
      while (at >= 0) {
        const under = rows & answers[splits[at]!]!
        const above = rows ^ under
        if (under !== 0 && above !== 0) {
          waitingAt[waiting] = splits[at + 2]!
          waitingRows[waiting] = above
          waiting++
          rows = under
        }
        at = splits[at + 1 + Number(under === 0)]!
      }
      const leaf = leaves[~at]!
      if (rows === all) {
        ofAll += leaf
        break
      }
      do {
        sums[31 - Math.clz32(rows & -rows)]! += leaf
        rows &= rows - 1
      } while (rows !== 0)
      if (waiting === 0) break
      waiting--
      at = waitingAt[waiting]!
      rows = waitingRows[waiting]!
    }
  }
  for (let row = 0; row < places.length; row++) into[places[row]!] = ofAll + sums[row]!
}
