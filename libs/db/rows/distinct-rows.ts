import { type CopyRow, columnNames } from '../encode-rows.ts'
import type { TopicTable } from '../tables/topic-table.ts'

/** The rows of these values, which are in the log's order; of each key only the one that stays. */
export const distinctRows = <T>(table: TopicTable<T>, values: Iterable<T>): CopyRow[] => {
  const names = columnNames(table.columns)
  const positions = table.key.map((column) => names.indexOf(column))
  const givesWay = givesWayIn(table, names)
  const rows = new Map<string, CopyRow>()
  for (const value of values)
    for (const row of table.rowsFrom(value)) {
      const key = JSON.stringify(positions.map((at) => row[at]))
      const known = rows.get(key)
      if (!known || givesWay(known, row)) rows.set(key, row)
    }
  return [...rows.values()]
}

/** Whether a row gives way to one that comes after it. */
const givesWayIn = (
  { stays }: TopicTable,
  names: readonly string[],
): ((known: CopyRow, next: CopyRow) => boolean) => {
  if (!stays) return () => true
  const at = names.indexOf(stays.by)
  return stays.which === 'latest'
    ? (known, next) => (next[at] as number) >= (known[at] as number)
    : (known, next) => (next[at] as number) < (known[at] as number)
}
