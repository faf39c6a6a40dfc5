import { createKeyTable, type KeyTable } from '@velocast/api/access'
import type { KafkaClient, ReceivedRecord } from '@velocast/kafka'
import { type ApiKey, allSystems, topics } from '@velocast/schemas'

/** All keys there are now. Throws an UnavailableError while the broker is away. */
export const readKeys = async (kafka: KafkaClient, signal: AbortSignal): Promise<KeyTable> => {
  // Where a key was never made the topic may be missing; and a follower would wait for a broker that is away.
  await kafka.createTopics()
  const table = createKeyTable()
  const follower = await kafka.follow({
    topics: [topics.apiKeys],
    from: 'beginning',
    systemIds: [allSystems],
    onRecords(records) {
      for (const { value } of records as readonly ReceivedRecord<ApiKey>[]) table.put(value)
    },
  })
  const interrupted = Promise.withResolvers<never>()
  const interrupt = (): void => interrupted.reject(signal.reason)
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    await Promise.race([follower.caughtUp, follower.stopped, interrupted.promise])
    return table
  } finally {
    signal.removeEventListener('abort', interrupt)
    await follower.stop()
  }
}
