import { type CopyRow, columnNames } from '../encode-rows.ts'
import type { TopicTable } from '../tables/topic-table.ts'

/** The rows of these values, of each key only the last one in the log's order. */
export const distinctRows = <T>(table: TopicTable<T>, values: Iterable<T>): CopyRow[] => {
  const names = columnNames(table.columns)
  const positions = table.key.map((column) => names.indexOf(column))
  const newest = new Map<string, CopyRow>()
  for (const value of values)
    for (const row of table.rowsFrom(value)) newest.set(JSON.stringify(positions.map((at) => row[at])), row)
  return [...newest.values()]
}
