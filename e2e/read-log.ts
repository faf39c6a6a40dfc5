import { type KafkaClient, type ReceivedRecord, readToTheEnd } from '@velocast/kafka'
import type { Topic } from '@velocast/schemas'

/** All records that a topic holds now, partition by partition in the log's order; what cannot be decoded is passed over. */
export const readLog = async <T>(kafka: KafkaClient, topic: Topic<T>): Promise<ReceivedRecord<T>[]> => {
  const read: ReceivedRecord<T>[] = []
  await readToTheEnd(kafka, {
    topics: [topic],
    from: 'beginning',
    onRecords: (records) => {
      // An array's room for arguments is bounded, a topic is not.
      for (const record of records) read.push(record)
    },
  })
  return read
}
