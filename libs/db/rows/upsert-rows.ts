import { UnavailableError } from '@velocast/runtime'
import { sqlStateOf } from '../database-trouble.ts'
import { type CopyRow, columnNames } from '../encode-rows.ts'
import type { Database } from '../open-database.ts'
import { quoteName } from '../quote-name.ts'
import type { TopicTable } from '../tables/topic-table.ts'

/** Deadlock, serialization, a lock or a statement that took too long: it was not this batch's fault. */
const WORTH_A_RETRY = /^(40...|55P03|57014)$/

/**
 * Writes the rows so that writing them again changes nothing: new keys are inserted, known ones overwritten where a
 * value differs. Resolves when the transaction is durable, with the number of rows that were inserted or changed.
 *
 * Rows go by binary COPY into a table of the connection, and from there by one statement. Against one `insert … select
 * from unnest(…)` with binary arrays that is 1.5 to 3 times as fast for 80 features at 2,000 and 10,000 rows, and on a
 * replay 2 to 4 times. That nothing is written where nothing differs makes a replay faster than the first write.
 *
 * The keys must be unique among the rows: a statement refuses to touch a row twice.
 */
export const upsertRows = async (
  database: Database,
  table: TopicTable,
  rows: readonly CopyRow[],
): Promise<number> => {
  if (rows.length === 0) return 0
  const stage = stageOf(table)
  try {
    return await database.transaction(async (session) => {
      await session.query(stageStatement(table))
      await session.copyInto(stage, table.columns, rows)
      const { rowCount } = await session.query(upsertStatement(table))
      return rowCount
    })
  } catch (error) {
    throw asRetryable(error)
  }
}

/** An UnavailableError for trouble that passes, so that the batch is tried again; any other error as it is. */
export const asRetryable = (error: unknown): unknown =>
  WORTH_A_RETRY.test(sqlStateOf(error) ?? '') ? new UnavailableError('database', error) : error

const stageOf = (table: TopicTable): string => `${table.table}_stage`

/** Without the table's checks, which the insert applies. It lives as long as the connection, its rows as long as the transaction. */
const stageStatement = (table: TopicTable): string =>
  `create temporary table if not exists ${quoteName(stageOf(table))}
     (like ${quoteName(table.table)} including defaults) on commit delete rows`

const upsertStatement = (table: TopicTable): string => {
  const target = quoteName(table.table)
  const columns = columnNames(table.columns).map(quoteName)
  const key = table.key.map(quoteName)
  const values = columns.filter((column) => !key.includes(column))
  const list = columns.join(', ')
  const differs = `(${prefixed(target, values)}) is distinct from (${prefixed('excluded', values)})`
  const replaces = table.stays
    ? ` and excluded.${quoteName(table.stays.by)} ${table.stays.which === 'latest' ? '>=' : '<'} ${target}.${quoteName(table.stays.by)}`
    : ''
  return `insert into ${target} (${list})
    select ${list} from ${quoteName(stageOf(table))}
    on conflict (${key.join(', ')}) do update
    set ${values.map((column) => `${column} = excluded.${column}`).join(', ')}
    where ${differs}${replaces}`
}

const prefixed = (prefix: string, columns: readonly string[]): string =>
  columns.map((column) => `${prefix}.${column}`).join(', ')
