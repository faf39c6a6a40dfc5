/**
 * Sums of trees over rows that are alike: the targets of one station share all that is known of the station, so a tree is
 * walked once for all of them, and rows part only where a split asks for what differs. That is a seventh of the steps of
 * row after row. Trees are in the outer loop: each is in the processor's first cache while a whole batch passes it.
 */

/** Trees whose leaves are added up. Splits say `value <= threshold`; a missing value is below none. */
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

/** At most 31 rows. */
export interface AlikeRows {
  /** Places among all rows. */
  readonly places: readonly number[]
  /** Of the first row; missing as it is, and behind them once more with -infinity for missing: [2 * features]. */
  readonly first: Float32Array
  /** By column: where its values are in `ascending` and `below`; -1 where all rows have the first one's. */
  readonly varyingAt: Int32Array
  /** 32 places for each column that varies: the rows' values, ascending, then those that are missing: they are below nothing. */
  readonly ascending: Float32Array
  /** The rows, as bits, of as many of the least values as the place says. */
  readonly below: Int32Array
}

const MOST_ROWS = 31
const PLACES = 32

/** Parts `places` of `rows` into runs of rows that agree in most columns with their first. */
export const groupAlike = (
  rows: Float32Array,
  features: number,
  places: readonly number[],
): readonly AlikeRows[] => {
  const groups: AlikeRows[] = []
  let from = 0
  while (from < places.length) {
    let to = from + 1
    while (to < places.length && to - from < MOST_ROWS && isAlike(rows, features, places[from]!, places[to]!))
      to++
    groups.push(alikeRows(rows, features, places.slice(from, to)))
    from = to
  }
  return groups
}

const isAlike = (rows: Float32Array, features: number, one: number, other: number): boolean => {
  let different = 0
  for (let column = 0; column < features; column++)
    if (isDifferent(rows[one * features + column]!, rows[other * features + column]!)) different++
  return 2 * different < features
}

const isDifferent = (a: number, b: number): boolean => a !== b && !(Number.isNaN(a) && Number.isNaN(b))

const alikeRows = (rows: Float32Array, features: number, places: readonly number[]): AlikeRows => {
  const first = new Float32Array(2 * features)
  const varyingAt = new Int32Array(2 * features).fill(-1)
  let size = 0
  for (let column = 0; column < features; column++) {
    const value = rows[places[0]! * features + column]!
    first[column] = value
    first[features + column] = orLeast(value)
    for (let row = 1; row < places.length; row++)
      if (isDifferent(rows[places[row]! * features + column]!, value)) {
        varyingAt[column] = size
        varyingAt[features + column] = size + PLACES
        size += 2 * PLACES
        break
      }
  }
  const ascending = new Float32Array(size).fill(Number.NaN)
  const below = new Int32Array(size)
  const order = new Int32Array(places.length)
  const values = new Float32Array(places.length)
  for (let column = 0; column < 2 * features; column++) {
    const at = varyingAt[column]!
    if (at < 0) continue
    const isCopy = column >= features
    for (const [row, place] of places.entries()) {
      const value = rows[place * features + (isCopy ? column - features : column)]!
      values[row] = isCopy ? orLeast(value) : value
    }
    sortPlaces(order, values)
    let bits = 0
    for (const [rank, row] of order.entries()) {
      ascending[at + rank] = values[row]!
      bits |= 1 << row
      below[at + rank + 1] = bits
    }
  }
  return { places, first, varyingAt, ascending, below }
}

const orLeast = (value: number): number => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value)

/** By insertion: there are few, and mostly in order. */
const sortPlaces = (order: Int32Array, values: Float32Array): void => {
  for (let next = 0; next < order.length; next++) {
    let at = next
    for (; at > 0 && isAbove(values[order[at - 1]!]!, values[next]!); at--) order[at] = order[at - 1]!
    order[at] = next
  }
}

/** Missing ones come last. */
const isAbove = (a: number, b: number): boolean => a > b || (Number.isNaN(a) && !Number.isNaN(b))

/** Puts the sums of `trees` for the rows of `groups` into `into`, at the rows' places. */
export const sumTrees = (trees: TreeSum, groups: readonly AlikeRows[], into: Float32Array): void => {
  const sums = new Float64Array(groups.length * SUMS_A_GROUP)
  const pending = { splits: new Int32Array(trees.depth), rows: new Int32Array(trees.depth) }
  for (const root of trees.roots)
    for (let group = 0; group < groups.length; group++) {
      const alike = groups[group]!
      if (alike.places.length === 1) sums[group * SUMS_A_GROUP]! += leafOf(trees, root, alike.first)
      else addTree(trees, root, alike, sums, group * SUMS_A_GROUP, pending)
    }
  for (const [group, { places }] of groups.entries()) {
    const at = group * SUMS_A_GROUP
    const ofAll = trees.base + (places.length === 1 ? 0 : sums[at + MOST_ROWS]!)
    for (const [row, place] of places.entries()) into[place] = ofAll + sums[at + row]!
  }
}

/** One a row, and one for what all of them get. */
const SUMS_A_GROUP = MOST_ROWS + 1

const leafOf = ({ splits, thresholds, leaves }: TreeSum, root: number, values: Float32Array): number => {
  let at = root
  while (at >= 0) at = values[splits[at]!]! <= thresholds[at + 1]! ? splits[at + 2]! : splits[at + 3]!
  return leaves[~at]!
}

/** Rows are bits; those that go the other way wait until the first have come to their leaf. */
const addTree = (
  { splits, thresholds, leaves }: TreeSum,
  root: number,
  { places, first, varyingAt, ascending, below }: AlikeRows,
  sums: Float64Array,
  sumsAt: number,
  pending: { splits: Int32Array; rows: Int32Array },
): void => {
  const all = 2 ** places.length - 1
  let waiting = 0
  let at = root
  let rows = all
  for (;;) {
    if (at < 0) {
      const leaf = leaves[~at]!
      if (rows === all) {
        sums[sumsAt + MOST_ROWS]! += leaf
        return
      }
      while (rows !== 0) {
        sums[sumsAt + 31 - Math.clz32(rows & -rows)]! += leaf
        rows &= rows - 1
      }
      if (waiting === 0) return
      waiting--
      at = pending.splits[waiting]!
      rows = pending.rows[waiting]!
      continue
    }
    const column = splits[at]!
    const threshold = thresholds[at + 1]!
    const valuesAt = varyingAt[column]!
    if (valuesAt < 0) {
      at = first[column]! <= threshold ? splits[at + 2]! : splits[at + 3]!
      continue
    }
    let place = valuesAt
    if (ascending[place + 15]! <= threshold) place += 16
    if (ascending[place + 7]! <= threshold) place += 8
    if (ascending[place + 3]! <= threshold) place += 4
    if (ascending[place + 1]! <= threshold) place += 2
    if (ascending[place]! <= threshold) place += 1
    const under = rows & below[place]!
    const above = rows & ~under
    if (above === 0) at = splits[at + 2]!
    else if (under === 0) at = splits[at + 3]!
    else {
      pending.splits[waiting] = splits[at + 3]!
      pending.rows[waiting] = above
      waiting++
      at = splits[at + 2]!
      rows = under
    }
  }
}
