/**
 * The memory that a forest's trees are walked in, and the code that walks them there: `assembly/tree-sums.ts`, compiled.
 * WebAssembly, since a walk is a load after a load, each of which JavaScript checks, and 64 rows are a number there.
 */
import { readFileSync } from 'node:fs'
import type { AskedTrees, Questions } from './ask-trees.ts'
import {
  ANSWER_BYTES,
  MOST_ROWS,
  NO_PLACE,
  ROWS_A_VECTOR,
  TREES_A_BLOCK,
  WALK_BYTES,
} from './assembly/walks.ts'
import { layOutMemory } from './lay-out-memory.ts'

/** The trees of one band, which ask their questions together. */
export interface AskedBand {
  readonly questions: Questions
  readonly sums: readonly AskedTrees[]
}

/** The same in the memory. All bands of a memory share the place of their rows: those of one are taken at a time. */
export interface PlacedBand {
  /** Answers the band's questions for the rows at `places` of `rows`, of which there are at most `MOST_ROWS`. */
  readonly take: (rows: Float32Array, places: readonly number[]) => void
  /** Puts the sum at `index` for the rows that were taken last into `into`, at their places. */
  readonly sum: (index: number, into: Float32Array) => void
}

interface Compiled {
  readonly memory: WebAssembly.Memory
  readonly answerQuestions: (
    starts: number,
    thresholds: number,
    columns: number,
    features: number,
    rows: number,
    count: number,
    answers: number,
    firsts: number,
  ) => void
  readonly sumTrees: (
    words: number,
    roots: number,
    trees: number,
    answers: number,
    count: number,
    splits: number,
    leaves: number,
    sums: number,
  ) => number
  readonly addSymmetricTrees: (
    places: number,
    leaves: number,
    levels: number,
    trees: number,
    answers: number,
    count: number,
    sums: number,
    numbers: number,
  ) => void
}

const compiled = new WebAssembly.Module(readFileSync(new URL('./generated/tree-sums.wasm', import.meta.url)))

/** Along the bands. Rows have `features` floats. Throws a RangeError where the memory cannot be had. */
export const placeBands = (bands: readonly AskedBand[], features: number): PlacedBand[] => {
  const { memory, answerQuestions, sumTrees, addSymmetricTrees } = new WebAssembly.Instance(compiled)
    .exports as Compiled

  const { reserve, put } = layOutMemory(memory)
  let mostWords = 0
  const placed = bands.map(({ questions, sums }) => {
    const columns = questions.starts.length - 1
    return {
      starts: put(questions.starts),
      thresholds: put(questions.thresholds),
      columns,
      answers: reserve(ANSWER_BYTES * questions.thresholds.length),
      firsts: put(new Int32Array(columns).fill(NO_PLACE)),
      sums: sums.map(({ words, roots, symmetric, base }) => {
        mostWords = Math.max(mostWords, wordsABlock(words, roots))
        return {
          words: put(words),
          roots: put(roots),
          trees: roots.length,
          symmetric: symmetric.map((each) => ({
            ...each,
            answers: put(each.answers),
            leaves: put(each.leaves),
          })),
          base,
        }
      }),
    }
  })
  // A word is come to once, and one is written behind the last.
  const splits = reserve((mostWords + 1) * WALK_BYTES)
  const leaves = reserve((mostWords + 1) * WALK_BYTES)
  const sumsAt = reserve(8 * MOST_ROWS)
  const numbers = reserve(TREES_A_BLOCK * ROWS_A_VECTOR)
  const rowsAt = reserve(4 * MOST_ROWS * features)

  const sumOfRow = new Float64Array(memory.buffer, sumsAt, MOST_ROWS)
  const ownRows = new Float32Array(memory.buffer, rowsAt, MOST_ROWS * features)
  let taken: readonly number[] = []
  return placed.map(({ starts, thresholds, columns, answers, firsts, sums }) => ({
    take: (rows, places) => {
      taken = places
      for (let row = 0, next = 0; row < places.length; row = next) {
        const first = places[row]!
        do next++
        while (places[next] === first + next - row)
        ownRows.set(rows.subarray(first * features, (first + next - row) * features), row * features)
      }
      answerQuestions(starts, thresholds, columns, features, rowsAt, places.length, answers, firsts)
    },
    sum: (index, into) => {
      const { words, roots, trees, symmetric, base } = sums[index]!
      const count = taken.length
      const ofAll = base + sumTrees(words, roots, trees, answers, count, splits, leaves, sumsAt)
      for (const each of symmetric)
        addSymmetricTrees(each.answers, each.leaves, each.levels, each.trees, answers, count, sumsAt, numbers)
      for (let row = 0; row < taken.length; row++) into[taken[row]!] = ofAll + sumOfRow[row]!
    },
  }))
}

/** Of any trees that are walked together: as many walks may wait at once. */
const wordsABlock = (words: Int32Array, roots: Int32Array): number => {
  let most = 0
  for (let tree = 0; tree < roots.length; tree++)
    most = Math.max(most, ((roots[tree + TREES_A_BLOCK] ?? 2 * words.length) >> 1) - (roots[tree]! >> 1))
  return most
}
