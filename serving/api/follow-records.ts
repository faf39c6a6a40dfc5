import type { Follower, KafkaClient } from '@velocast/kafka'
import type { Clock } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import type { SystemRecords } from './system-records.ts'

/** How far back is read at the start: "the last days" of the routes. */
const recentMs = 7 * 24 * 3_600_000

/** Follows what is published about models, accuracy and quality into bounded memory, from the last days on. */
export const followRecords = (
  kafka: KafkaClient,
  records: ReadonlyMap<string, SystemRecords>,
  clock: Clock,
): Promise<Follower> =>
  kafka.follow({
    topics: [topics.forecastAccuracy, topics.dataQuality, topics.modelActivated],
    from: { atMs: clock.now() - recentMs },
    systemIds: [...records.keys()],
    onRecords: (received) => {
      for (const { topic, value } of received) records.get(value.systemId)?.take(topic.name, value)
    },
  })
