/**
 * Sums of trees over up to 64 rows at once, in AssemblyScript: compiled into `generated/tree-sums.wasm` by `generate.ts`.
 *
 * Rows are the bits of a number. What each split says of each row is worked out beforehand, once for all trees that ask the
 * same (a fitted model asks some thousand questions in some hundred thousand splits), so that a step of a walk is one look
 * at a table: the rows part where it has both bits, and go on together where it has one. The targets of one station go
 * most of the way together, and rows of many stations still share the upper parts of the trees.
 *
 * Places are bytes of the memory; who calls has put there what `../tree-memory.ts` describes.
 */

import {
  ABOVE_IS_LEAF,
  DISTANCE_MASK,
  DISTANCE_SHIFT,
  MOST_ROWS,
  NO_PLACE,
  QUESTION_SHIFT,
  ROWS_A_VECTOR,
  TREES_A_BLOCK,
  UNDER_IS_LEAF,
  WALK_BYTES,
} from './walks'

/** Not by `memory.fill`, which is a call out of here: most are short. */
// @ts-ignore: decorator
@inline
function fill(numbers: usize, from: i32, until: i32, value: u64): void {
  for (let index = from; index < until; index++) store<u64>(numbers + (<usize>index << 3), value)
}

// @ts-ignore: decorator
@inline
function allOf(count: i32): u64 {
  return count == MOST_ROWS ? ~(<u64>0) : (<u64>1 << count) - 1
}

/**
 * Writes into `answers`, for each question, the rows that it is so for: bit i is row i of `rows`, which are `count` rows of
 * `features` floats; bits of no row may be set, too. A column's questions are thresholds, ascending, from `starts[column]` on,
 * and so for what does not pass them. Columns from `features` on are the features once more, with -infinity for what is missing.
 *
 * `firsts` says of each column whose answers were the same for all rows the last time where they turned, and else `NO_PLACE`: of
 * such a column only what lies between there and where they turn now is written.
 */
export function answerQuestions(
  starts: usize,
  thresholds: usize,
  columns: i32,
  features: i32,
  rows: usize,
  count: i32,
  answers: usize,
  firsts: usize,
): void {
  for (let column = 0; column < columns; column++, firsts += 4) {
    const start = load<i32>(starts + (<usize>column << 2))
    const end = load<i32>(starts + (<usize>column << 2), 4)
    if (start == end) continue
    const isCopy = column >= features
    let at = rows + (<usize>(isCopy ? column - features : column) << 2)
    let bits = load<u32>(at)
    let first = firstNotBelow(thresholds, start, end, reinterpret<f32>(bits), isCopy)
    let same = 1
    for (; same < count; same++) {
      at += <usize>features << 2
      if (load<u32>(at) != bits) break
    }
    if (same == count) {
      const before = load<i32>(firsts)
      store<i32>(firsts, first)
      fill(answers, before == NO_PLACE ? start : before, first, 0)
      fill(answers, first, before == NO_PLACE ? end : before, ~(<u64>0))
      continue
    }
    store<i32>(firsts, NO_PLACE)
    fill(answers, start, end, 0)
    if (first < end) store<u64>(answers + (<usize>first << 3), allOf(same))
    for (let row = same; row < count; row++) {
      const own = load<u32>(at)
      at += <usize>features << 2
      if (own != bits) {
        bits = own
        first = firstNotBelow(thresholds, start, end, reinterpret<f32>(bits), isCopy)
      }
      if (first < end) {
        const answer = answers + (<usize>first << 3)
        store<u64>(answer, load<u64>(answer) | (<u64>1 << row))
      }
    }
    let until: u64 = 0
    for (let question = start; question < end; question++) {
      const answer = answers + (<usize>question << 3)
      until |= load<u64>(answer)
      store<u64>(answer, until)
    }
  }
}

/** The first of a column's questions that `value` does not pass; `high` where there is none. A missing value passes all, or none. */
function firstNotBelow(thresholds: usize, low: i32, high: i32, value: f32, isMissingBelow: bool): i32 {
  if (value != value) return isMissingBelow ? low : high
  let left = high - low
  while (left > 0) {
    const half = left >> 1
    const isPassed = load<f32>(thresholds + (<usize>(low + half) << 2)) < value
    // Chosen without a branch: which half it is cannot be foreseen.
    low = select<i32>(low + half + 1, low, isPassed)
    left = select<i32>(left - half - 1, half, isPassed)
  }
  return low
}

/**
 * Adds up the leaves that `count` rows come to: what all rows come to alike is returned, the rest is put into `sums`, a double
 * a row.
 *
 * Ways are not followed one by one to their ends, but put into a row (`splits`, and `leaves` for their ends), for some trees
 * together: the next split to look at does not depend on the last, and which way it goes is not a branch, so the
 * processor waits neither for memory nor for a guess.
 */
export function sumTrees(
  words: usize,
  roots: usize,
  trees: i32,
  answers: usize,
  count: i32,
  splits: usize,
  leaves: usize,
  sums: usize,
): f64 {
  const all = allOf(count)
  let ofAll: f64 = 0
  fill(sums, 0, count, 0)
  for (let from = 0; from < trees; from += TREES_A_BLOCK) {
    let splitEnd = splits
    let leafEnd = leaves
    const until = min(from + TREES_A_BLOCK, trees)
    for (let tree = from; tree < until; tree++) {
      const root = load<u32>(roots + (<usize>tree << 2))
      if (root & 1) ofAll += <f64>load<f32>(words + (<usize>(root >> 1) << 2))
      else {
        store<u32>(splitEnd, root >> 1)
        store<u64>(splitEnd, all, 8)
        splitEnd += WALK_BYTES
      }
    }
    for (let next = splits; next < splitEnd; next += WALK_BYTES) {
      const at = load<u32>(next)
      const rows = load<u64>(next, 8)
      const word = load<u32>(words + (<usize>at << 2))
      const under = rows & load<u64>(answers + (<usize>(word >> QUESTION_SHIFT) << 3))
      const above = rows ^ under
      const underEnds = word & UNDER_IS_LEAF
      const aboveEnds = word & ABOVE_IS_LEAF
      const underBytes = <usize>(under != 0) * WALK_BYTES
      const aboveBytes = <usize>(above != 0) * WALK_BYTES
      let to = select<usize>(leafEnd, splitEnd, underEnds)
      store<u32>(to, at + 1)
      store<u64>(to, under, 8)
      leafEnd += select<usize>(underBytes, 0, underEnds)
      splitEnd += select<usize>(0, underBytes, underEnds)
      to = select<usize>(leafEnd, splitEnd, aboveEnds)
      store<u32>(to, at + ((word >> DISTANCE_SHIFT) & DISTANCE_MASK))
      store<u64>(to, above, 8)
      leafEnd += select<usize>(aboveBytes, 0, aboveEnds)
      splitEnd += select<usize>(0, aboveBytes, aboveEnds)
    }
    for (let next = leaves; next < leafEnd; next += WALK_BYTES) {
      const leaf = <f64>load<f32>(words + (<usize>load<u32>(next) << 2))
      let rows = load<u64>(next, 8)
      if (rows == all) ofAll += leaf
      else
        do {
          const sum = sums + (<usize>ctz(rows) << 3)
          store<f64>(sum, load<f64>(sum) + leaf)
          rows &= rows - 1
        } while (rows != 0)
    }
  }
  return ofAll
}

/**
 * Adds, for each of `count` rows, the leaves of trees that ask one question a level to `sums`. No way is followed: what a tree's
 * `levels` questions say of a row, put together, is the number of its leaf; those of 16 rows are worked out at a time, for some trees
 * together, into `numbers`. Then the leaves of four rows are added up at a time: sums that are not written for each leaf, nor
 * wait for each other. Sums of up to three rows behind the last are written, too.
 */
export function addSymmetricTrees(
  places: usize,
  leaves: usize,
  levels: i32,
  trees: i32,
  answers: usize,
  count: i32,
  sums: usize,
  numbers: usize,
): void {
  if (count == 1) return addForOne(places, leaves, levels, trees, answers, sums)
  const bitOfRow = v128(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128)
  const zero = i8x16.splat(0)
  const leavesBytes = <usize>4 << levels
  for (let from = 0; from < trees; from += TREES_A_BLOCK) {
    const some = min(trees - from, TREES_A_BLOCK)
    const numbersEnd = numbers + <usize>some * ROWS_A_VECTOR
    for (let row = 0; row < count; row += ROWS_A_VECTOR) {
      const ofRows = answers + (<usize>row >> 3)
      let place = places
      for (let at = numbers; at < numbersEnd; at += ROWS_A_VECTOR) {
        let number = zero
        for (let level = 0; level < levels; level++) {
          const bits = v128.load_splat<u16>(ofRows + <usize>load<u32>(place))
          const ofRow = v128.shuffle<u8>(bits, bits, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)
          // -1 where the question is not so for the row.
          const isAbove = i8x16.eq(v128.and(ofRow, bitOfRow), zero)
          number = i8x16.sub(i8x16.add(number, number), isAbove)
          place += 4
        }
        v128.store(at, number)
      }
      const until = min(row + ROWS_A_VECTOR, count)
      for (let first = row; first < until; first += 4) {
        const sum = sums + (<usize>first << 3)
        let a = load<f64>(sum)
        let b = load<f64>(sum, 8)
        let c = load<f64>(sum, 16)
        let d = load<f64>(sum, 24)
        let leavesOfTree = leaves
        for (let at = numbers + <usize>(first - row); at < numbersEnd; at += ROWS_A_VECTOR) {
          a += <f64>load<f32>(leavesOfTree + (<usize>load<u8>(at) << 2))
          b += <f64>load<f32>(leavesOfTree + (<usize>load<u8>(at, 1) << 2))
          c += <f64>load<f32>(leavesOfTree + (<usize>load<u8>(at, 2) << 2))
          d += <f64>load<f32>(leavesOfTree + (<usize>load<u8>(at, 3) << 2))
          leavesOfTree += leavesBytes
        }
        store<f64>(sum, a)
        store<f64>(sum, b, 8)
        store<f64>(sum, c, 16)
        store<f64>(sum, d, 24)
      }
    }
    places += <usize>(some * levels) << 2
    leaves += <usize>some * leavesBytes
  }
}

function addForOne(places: usize, leaves: usize, levels: i32, trees: i32, answers: usize, sums: usize): void {
  let sum = load<f64>(sums)
  for (let tree = 0; tree < trees; tree++) {
    let number: u32 = 0
    for (let level = 0; level < levels; level++) {
      number = (number << 1) | (~load<u32>(answers + <usize>load<u32>(places)) & 1)
      places += 4
    }
    sum += <f64>load<f32>(leaves + (<usize>number << 2))
    leaves += <usize>4 << levels
  }
  store<f64>(sums, sum)
}
