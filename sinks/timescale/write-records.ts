import { sqlStateOf } from '@velocast/db'
import type { ReceivedRecord, Rejection } from '@velocast/kafka'

/** What the server says about values: impossible (22), against a constraint (23), too large for an index (54). */
const ABOUT_VALUES = /^(22|23|54)...$/

/**
 * Writes the records, and finds those that the database refuses: when a batch is refused each half is written by itself,
 * the earlier one first, so that the log's order holds, and so on down to single records. Resolves with the refused
 * ones when all others are written; rejects when the trouble is not about values.
 */
export const writeRecords = async (
  records: readonly ReceivedRecord[],
  write: (records: readonly ReceivedRecord[]) => Promise<unknown>,
): Promise<Rejection[]> => {
  try {
    await write(records)
    return []
  } catch (error) {
    if (!ABOUT_VALUES.test(sqlStateOf(error) ?? '')) throw error
    const [record] = records
    if (record && records.length === 1)
      return [{ record, reason: 'invalid', detail: describe(error as Error) }]
    const middle = records.length >> 1
    const earlier = await writeRecords(records.slice(0, middle), write)
    const later = await writeRecords(records.slice(middle), write)
    return [...earlier, ...later]
  }
}

/** By the rule's name where there is one: the server's own words name a chunk, and repeat the row, which the record holds anyway. */
const describe = (error: Error & { constraint?: string }): string =>
  error.constraint
    ? `breaks the table's rule ${error.constraint}`
    : `the database refuses it: ${error.message}`
