import { type CopyRow, columnNames } from '@velocast/db'
import type { SinkTable } from './sink-table.ts'

/** The rows of these values, of each key only the last one in the log's order. */
export const newestRows = <T>(table: SinkTable<T>, values: Iterable<T>): CopyRow[] => {
  const names = columnNames(table.columns)
  const positions = table.key.map((column) => names.indexOf(column))
  const newest = new Map<string, CopyRow>()
  for (const value of values)
    for (const row of table.rowsFrom(value)) newest.set(JSON.stringify(positions.map((at) => row[at])), row)
  return [...newest.values()]
}
