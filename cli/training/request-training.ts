import type { KafkaClient } from '@velocast/kafka'
import { type PromotionPolicy, topics } from '@velocast/schemas'

export interface TrainingRequest {
  systemId: string
  /** Part of the trigger's id, beside system and moment. */
  label: string
  /** Epoch milliseconds. */
  triggeredAt: number
  policy: PromotionPolicy
  requestedBy: string
}

/** Publishes a trigger and resolves with its id. */
export const requestTraining = async (kafka: KafkaClient, request: TrainingRequest): Promise<string> => {
  const { systemId, label, triggeredAt, policy, requestedBy } = request
  const triggerId = `${systemId}:${label}:${new Date(triggeredAt).toISOString()}`
  const producer = await kafka.openProducer()
  try {
    await producer.send([
      {
        topic: topics.trainingTriggers,
        value: { systemId, triggerId, cause: 'MANUAL', triggeredAt, policy, requestedBy, evidence: {} },
      },
    ])
  } finally {
    await producer.close()
  }
  return triggerId
}
