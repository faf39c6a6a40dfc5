import type { ReceivedRecord } from '@velocast/kafka'
import { messageOfEvent } from './message-of-event.ts'
import type { Posted } from './post-message.ts'
import type { NotificationsTelemetry } from './telemetry.ts'
import type { WebhookTarget } from './webhook-target.ts'

export interface SendMessagesOptions {
  target: WebhookTarget
  /** Throws an UnavailableError while the receiver is away. */
  post: (body: object) => Promise<Posted>
  /** What happened before this moment is not told: a replay would flood a channel. */
  since: number
  telemetry: NotificationsTelemetry
}

/** Resolves when each of the records that people are told of has been acknowledged, or refused, by the receiver. */
export const sendMessages =
  ({ target, post, since, telemetry }: SendMessagesOptions) =>
  async (records: readonly ReceivedRecord[]): Promise<[]> => {
    for (const record of records) {
      const message = messageOfEvent(record.topic.name, record.value)
      if (!message) continue
      if (message.happenedAt < since) {
        telemetry.tooOld(target.name, record, message)
        continue
      }
      const id = `${record.topic.name}/${record.partition}/${record.offset}`
      const posted = await post(target.bodyOf(message, id))
      if (posted.outcome === 'acknowledged') telemetry.sent(target.name, record, message)
      else telemetry.refused(target.name, record, message, posted.detail)
    }
    return []
  }
