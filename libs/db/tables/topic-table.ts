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
   * Which of two records of a key stays, by a column that both have, so that it does not depend on which is written first;
   * where they are equal, the first written stays as the earliest, the last as the latest. Absent: the last written,
   * which is enough where whoever replays the one has the other too, and so ends with it.
   */
  readonly stays?: { readonly which: 'earliest' | 'latest'; readonly by: string }
}

/** Keeps the types of topic and rows together; the table itself stays as it is. */
export const defineTopicTable = <T>(table: TopicTable<T>): TopicTable<T> => table
