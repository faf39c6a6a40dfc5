/**
 * Pages by the key of their last row, not by a number of rows: what comes or goes between two pages makes no row appear
 * twice or not at all. A cursor means something to the server alone.
 */
import { HttpProblem } from '../http-problem.ts'

/** By what rows are ordered: a number where it matters, and then the id, which is unique. */
export interface PageKey {
  rank: number
  id: string
}

export interface PageQuery {
  limit: number
  cursor?: string
}

export interface PageOf<T> {
  rows: T[]
  nextCursor: string | null
}

/** The page of `rows`, which must be in the order of their keys. Throws a 422 for a cursor that is none. */
export const pageOf = <T>(
  rows: readonly T[],
  keyOf: (row: T) => PageKey,
  { limit, cursor }: PageQuery,
): PageOf<T> => {
  const from = cursor === undefined ? 0 : indexAfter(rows, keyOf, decodeCursor(cursor))
  const page = rows.slice(from, from + limit)
  const last = page.at(-1)
  return {
    rows: page,
    nextCursor: last && from + limit < rows.length ? encodeCursor(keyOf(last)) : null,
  }
}

export const comparePageKeys = (one: PageKey, other: PageKey): number =>
  one.rank - other.rank || Number(one.id > other.id) - Number(one.id < other.id)

const indexAfter = <T>(rows: readonly T[], keyOf: (row: T) => PageKey, key: PageKey): number => {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (comparePageKeys(keyOf(rows[middle]!), key) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

const encodeCursor = ({ rank, id }: PageKey): string =>
  Buffer.from(JSON.stringify([rank, id])).toString('base64url')

const decodeCursor = (cursor: string): PageKey => {
  try {
    const [rank, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (typeof rank === 'number' && typeof id === 'string') return { rank, id }
  } catch {}
  throw new HttpProblem(
    422,
    'The cursor is not one of ours: take next_cursor of the page before, or begin without.',
    'invalid-parameter',
  )
}
