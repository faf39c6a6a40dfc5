import type { KafkaClient, ReceivedRecord } from '@velocast/kafka'
import type { Topic } from '@velocast/schemas'

/** All records that a topic holds now, partition by partition in the log's order; what cannot be decoded is passed over. */
export const readLog = async <T>(kafka: KafkaClient, topic: Topic<T>): Promise<ReceivedRecord<T>[]> => {
  const read: ReceivedRecord<T>[] = []
  const follower = await kafka.follow({
    topics: [topic],
    from: 'beginning',
    onRecords: (records) => {
      // An array's room for arguments is bounded, a topic is not.
      for (const record of records) read.push(record)
    },
  })
  await Promise.race([follower.caughtUp, follower.stopped])
  await follower.stop()
  return read
}
