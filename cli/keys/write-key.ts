import { hostname } from 'node:os'
import type { KafkaClient } from '@velocast/kafka'
import { type ApiKey, topics } from '@velocast/schemas'

export interface KeyChange {
  action: 'key.create' | 'key.revoke'
  key: ApiKey
  /** Who changes it. */
  by: string
  /** Names the entry of the audit log. */
  auditId: string
}

const GIVE_UP_AFTER_MS = 30_000

/** Publishes the key as it is now, and who changed it. Replicas act upon it as soon as they read it. */
export const writeKey = async (kafka: KafkaClient, change: KeyChange, signal: AbortSignal): Promise<void> => {
  const { action, key, by, auditId } = change
  const entry = {
    systemId: key.systemId,
    auditId,
    happenedAt: key.changedAt,
    actor: `cli:${by}`,
    source: hostname(),
    action,
    target: key.keyId,
    outcome: 'SUCCEEDED' as const,
    detail: `${key.name}: ${key.scopes.join(' ')}, tier ${key.tier}`,
    replicaId: null,
  }
  const producer = await kafka.openProducer()
  try {
    await producer.send(
      [
        { topic: topics.apiKeys, value: key },
        { topic: topics.auditLog, value: entry },
      ],
      { signal, giveUpAfterMs: GIVE_UP_AFTER_MS },
    )
  } finally {
    await producer.close()
  }
}
