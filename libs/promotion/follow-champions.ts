import type { Follower, KafkaClient, ReceivedRecord } from '@velocast/kafka'
import { type ModelPromoted, topics } from '@velocast/schemas'

export interface Champions {
  /** What serves the system, as the log says; null before the first promotion. */
  of: (systemId: string, modelName: string) => ModelPromoted | null
  /** The promotion that the trigger has led to; null when there was none. */
  promotedBy: (systemId: string, triggerId: string) => ModelPromoted | null
  /** Resolves when all promotions that were in the log at the start are known. */
  known: Promise<void>
  follower: Follower
}

/** Who the champion is, is what `model-promoted` said last. */
export const followChampions = async (kafka: KafkaClient): Promise<Champions> => {
  const newest = new Map<string, ModelPromoted>()
  const byTrigger = new Map<string, ModelPromoted>()
  const follower = await kafka.follow({
    topics: [topics.modelPromoted],
    from: 'beginning',
    onRecords(records) {
      for (const { key, value } of records as readonly ReceivedRecord<ModelPromoted>[]) {
        newest.set(key, value)
        if (value.triggerId !== null) byTrigger.set(`${value.systemId}/${value.triggerId}`, value)
      }
    },
  })
  return {
    of: (systemId, modelName) => newest.get(`${systemId}/${modelName}`) ?? null,
    promotedBy: (systemId, triggerId) => byTrigger.get(`${systemId}/${triggerId}`) ?? null,
    known: follower.caughtUp,
    follower,
  }
}
