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

/** Trees whose leaves are added up: small, since what a walk waits for is memory. */
export interface AskedTrees {
  /**
   * A word a split or leaf, from the root on the way of those that it is so for. A split has its question, how far it is to
   * where the others go (13 bits), and a bit for each of the two ways that ends in a leaf, which is a float.
   */
  readonly words: Int32Array
  /** The same memory as `words`. */
  readonly leaves: Float32Array
  /** Each twice, and one more where it is a leaf. */
  readonly roots: Int32Array
  /** Of as many trees as are walked at a time. */
  readonly mostWords: number
  readonly base: number
}

const QUESTION_SHIFT = 15
const DISTANCE_SHIFT = 2
const DISTANCE_MASK = 0x1fff
const UNDER_IS_LEAF = 2
const ABOVE_IS_LEAF = 1
const MOST_QUESTIONS = 2 ** (32 - QUESTION_SHIFT)

export const MOST_ROWS = 32

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
export const askTrees = (
  { splits, thresholds, leaves: leafValues, roots, base }: TreeSum,
  questions: Questions,
): AskedTrees => {
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
      (firstNotBelow(questions, splits[at]!, thresholds[at + 1]!) << QUESTION_SHIFT) |
      (distance << DISTANCE_SHIFT) |
      (under < 0 ? UNDER_IS_LEAF : 0) |
      (above < 0 ? ABOVE_IS_LEAF : 0)
    return to
  }
  const placed = roots.map((root) => 2 * place(root) + Number(root < 0))
  if (end > words.length) throw new RangeError('these trees share their parts')
  let mostWords = 0
  for (let tree = 0; tree < placed.length; tree++)
    mostWords = Math.max(mostWords, ((placed[tree + TREES_A_BLOCK] ?? 2 * end) >> 1) - (placed[tree]! >> 1))
  return { words, leaves, roots: placed, mostWords, base }
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

/** Trees that are walked at a time. */
const TREES_A_BLOCK = 32

/** A walk's place in `words`, and the rows that have come there. */
let splitsToCome = new Int32Array(0)
let leavesToAdd = new Int32Array(0)
/** Of a row each. All three are used anew for every sum. */
const sums = new Float64Array(MOST_ROWS)

/**
 * Puts the sums of `trees` for the rows at `places` into `into`, there. `answers` are the rows' own.
 *
 * Ways are not followed one by one to their ends, but put into a row, for some trees together: the next split to look at does not
 * depend on the last, and which way it goes is not a branch, so the processor waits neither for memory nor for a guess.
 */
export const sumTrees = (
  { words, leaves, roots, base, mostWords }: AskedTrees,
  answers: Int32Array,
  places: Int32Array,
  into: Float32Array,
): void => {
  const all = allOf(places.length)
  // A word is come to once, and two are written behind the last.
  if (splitsToCome.length < 2 * mostWords + 4) {
    splitsToCome = new Int32Array(2 * mostWords + 4)
    leavesToAdd = new Int32Array(2 * mostWords + 4)
  }
  const splits = splitsToCome
  const ends = leavesToAdd
  let ofAll = base
  sums.fill(0)
  for (let from = 0; from < roots.length; from += TREES_A_BLOCK) {
    let splitCount = 0
    let endCount = 0
    for (let tree = from; tree < from + TREES_A_BLOCK && tree < roots.length; tree++) {
      const root = roots[tree]!
      if ((root & 1) === 0) {
        splits[splitCount] = root >> 1
        splits[splitCount + 1] = all
        splitCount += 2
      } else ofAll += leaves[root >> 1]!
    }
    for (let next = 0; next < splitCount; next += 2) {
      const at = splits[next]!
      const rows = splits[next + 1]!
      const word = words[at]!
      const under = rows & answers[word >>> QUESTION_SHIFT]!
      const above = rows ^ under
      const underAt = at + 1
      const aboveAt = at + ((word >>> DISTANCE_SHIFT) & DISTANCE_MASK)
      // Their second bit is set where there are any.
      const anyUnder = (under | -under) >>> 30
      const anyAbove = (above | -above) >>> 30
      const underEnds = word & UNDER_IS_LEAF
      const aboveEnds = (word & ABOVE_IS_LEAF) << 1
      splits[splitCount] = underAt
      splits[splitCount + 1] = under
      splitCount += anyUnder & ~underEnds & 2
      splits[splitCount] = aboveAt
      splits[splitCount + 1] = above
      splitCount += anyAbove & ~aboveEnds & 2
      ends[endCount] = underAt
      ends[endCount + 1] = under
      endCount += anyUnder & underEnds
      ends[endCount] = aboveAt
      ends[endCount + 1] = above
      endCount += anyAbove & aboveEnds
    }
    for (let next = 0; next < endCount; next += 2) {
      const leaf = leaves[ends[next]!]!
      let rows = ends[next + 1]!
      if (rows === all) ofAll += leaf
      else
        do {
          sums[31 - Math.clz32(rows & -rows)]! += leaf
          rows &= rows - 1
        } while (rows !== 0)
    }
  }
  for (let row = 0; row < places.length; row++) into[places[row]!] = ofAll + sums[row]!
}
