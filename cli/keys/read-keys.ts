import { createKeyTable, type KeyTable } from '@velocast/api/access'
import { type KafkaClient, type ReceivedRecord, readToTheEnd } from '@velocast/kafka'
import { type ApiKey, allSystems, topics } from '@velocast/schemas'

/** All keys there are now. Throws an UnavailableError while the broker is away. */
export const readKeys = async (kafka: KafkaClient, signal: AbortSignal): Promise<KeyTable> => {
  // Where a key was never made the topic may be missing; and a follower would wait for a broker that is away.
  await kafka.createTopics()
  const table = createKeyTable()
  await readToTheEnd(
    kafka,
    {
      topics: [topics.apiKeys],
      from: 'beginning',
      systemIds: [allSystems],
      onRecords(records) {
        for (const { value } of records as readonly ReceivedRecord<ApiKey>[]) table.put(value)
      },
    },
    signal,
  )
  return table
}
