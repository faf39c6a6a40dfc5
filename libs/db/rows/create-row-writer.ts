import { sqlStateOf } from '../database-trouble.ts'
import type { CopyRow } from '../encode-rows.ts'
import type { Database } from '../open-database.ts'
import type { TopicTable } from '../tables/topic-table.ts'
import { asRetryable, upsertRows } from './upsert-rows.ts'

const UNIQUE_VIOLATION = '23505'
/** A replay meets known rows for a long time, a restart for one batch: after so many batches it is worth another try. */
const UPSERTS_AFTER_KNOWN_ROW = 20

/**
 * Writes rows in the cheapest way that is idempotent, and resolves with the number of rows that were inserted or changed.
 *
 * Live rows are nearly always new, and plain COPY into the table takes half the time of an upsert. It is all or nothing:
 * when one row is known already the server refuses the copy, and the batch, like those after it, goes by upsert.
 * The keys must be unique among the rows.
 */
export const createRowWriter = (
  database: Database,
): ((table: TopicTable, rows: readonly CopyRow[]) => Promise<number>) => {
  const upsertsLeft = new Map<string, number>()

  return async (table, rows) => {
    if (rows.length === 0) return 0
    const name = table.topic.name
    const left = upsertsLeft.get(name) ?? 0
    if (left === 0) {
      try {
        return await database.copyInto(table.table, table.columns, rows)
      } catch (error) {
        if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw asRetryable(error)
      }
    }
    const changed = await upsertRows(database, table, rows)
    upsertsLeft.set(name, left === 0 ? UPSERTS_AFTER_KNOWN_ROW : left - 1)
    return changed
  }
}
