import type { Topic } from '@velocast/schemas'
import type { CopyColumn, CopyRow } from '../encode-rows.ts'

/** How the records of a topic become rows of a table. */
// biome-ignore lint/suspicious/noExplicitAny: a list of tables holds records of several types.
export interface TopicTable<T = any> {
  readonly topic: Topic<T>
  readonly table: string
  readonly columns: readonly CopyColumn[]
  /** The columns of the unique constraint that says which row a record is about. */
  readonly key: readonly string[]
  /** Pure. The values are in the order of the columns. */
  readonly rowsFrom: (value: T) => CopyRow[]
  /**
   * The column that must not go back when a row is written anew. Only where the key holds no time: elsewhere a replay
   * that has the older of two records of a key also has the newer one, and ends with it.
   */
  readonly neverBackIn?: string
}

/** Keeps the types of topic and rows together; the table itself stays as it is. */
export const defineTopicTable = <T>(table: TopicTable<T>): TopicTable<T> => table
