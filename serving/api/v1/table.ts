/** Flat rows, for the formats that know no nesting. */

export type ColumnKind = 'text' | 'number' | 'boolean' | 'time'

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
}

/** Text, a number, a truth, or epoch milliseconds where the column is a time; null is missing. */
export type Cell = string | number | boolean | null

export interface Table {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

export const text = (name: string): Column => ({ name, kind: 'text' })
export const number = (name: string): Column => ({ name, kind: 'number' })
export const boolean = (name: string): Column => ({ name, kind: 'boolean' })
export const time = (name: string): Column => ({ name, kind: 'time' })
