import type { KafkaClient } from '@velocast/kafka'
import type { Topic } from '@velocast/schemas'

/** Every value that a topic holds now, in order. */
export const readValues = async <T>(kafka: KafkaClient, topic: Topic<T>): Promise<T[]> => {
  const values: T[] = []
  const follower = await kafka.follow({
    topics: [topic],
    from: 'beginning',
    onRecords: (records) => {
      values.push(...records.map(({ value }) => value as T))
    },
  })
  await follower.caughtUp
  await follower.stop()
  return values
}
