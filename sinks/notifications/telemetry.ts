import type { ReceivedRecord } from '@velocast/kafka'
import type { Log } from '@velocast/runtime'
import { Counter, type Registry } from 'prom-client'
import type { Message } from './message-of-event.ts'

export interface NotificationsTelemetry {
  sent: (target: string, record: ReceivedRecord, message: Message) => void
  /** It happened too long before the start. */
  tooOld: (target: string, record: ReceivedRecord, message: Message) => void
  refused: (target: string, record: ReceivedRecord, message: Message, detail: string) => void
}

export const createTelemetry = (metrics: Registry, log: Log): NotificationsTelemetry => {
  const messages = new Counter({
    name: 'velocast_notifications_total',
    help: 'Messages, by what became of them.',
    labelNames: ['target', 'kind', 'outcome'],
    registers: [metrics],
  })
  const count = (
    outcome: 'sent' | 'too-old' | 'refused',
    target: string,
    { topic, partition, offset }: ReceivedRecord,
    { kind, systemId }: Message,
  ): object => {
    messages.inc({ target, kind, outcome })
    return { target, kind, systemId, topic: topic.name, partition, offset }
  }
  return {
    sent: (target, record, message) => log.info(count('sent', target, record, message), 'message sent'),
    tooOld: (target, record, message) =>
      log.debug(count('too-old', target, record, message), 'message passed over: too old'),
    refused: (target, record, message, detail) =>
      log.error({ ...count('refused', target, record, message), detail }, 'message refused'),
  }
}
