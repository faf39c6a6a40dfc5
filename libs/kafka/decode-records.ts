import type { Topic } from '@velocast/schemas'
import type { KafkaMessage } from 'kafkajs'
import type { ReceivedRecord, Rejection } from './types.ts'
import type { ValueCodec } from './value-codec.ts'

export interface DecodedRecords {
  records: ReceivedRecord[]
  rejections: Rejection[]
}

/**
 * Decodes messages of one partition. What cannot be decoded is a rejection, not an error; a registry that does not
 * answer is an UnavailableError. A record without a value (a deletion) is passed over.
 */
export const decodeRecords = async (
  codec: ValueCodec,
  // biome-ignore lint/suspicious/noExplicitAny: the topic's value type is not known here.
  topic: Topic<any>,
  partition: number,
  messages: readonly KafkaMessage[],
): Promise<DecodedRecords> => {
  await codec.prepareToRead(
    topic.name,
    messages.map((message) => message.value),
  )
  const records: ReceivedRecord[] = []
  const rejections: Rejection[] = []
  for (const message of messages) {
    if (message.value === null) continue
    const decoded = codec.decode(topic.name, message.value)
    const record = received(topic, partition, message, decoded.ok ? decoded.value : null)
    if (decoded.ok) records.push(record)
    else rejections.push({ record, reason: decoded.reason, detail: decoded.detail })
  }
  return { records, rejections }
}

const NO_HEADERS: Record<string, never> = Object.freeze({})

const received = (
  // biome-ignore lint/suspicious/noExplicitAny: the topic's value type is not known here.
  topic: Topic<any>,
  partition: number,
  message: KafkaMessage,
  value: unknown,
): ReceivedRecord => {
  const rawHeaders = rawHeadersOf(message)
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key?.toString() ?? '',
    value,
    eventAt: Number(message.timestamp),
    headers:
      rawHeaders === NO_HEADERS
        ? NO_HEADERS
        : Object.fromEntries(Object.entries(rawHeaders).map(([name, bytes]) => [name, bytes.toString()])),
    raw: { key: message.key, value: message.value, headers: rawHeaders },
  }
}

const rawHeadersOf = (message: KafkaMessage): Record<string, Buffer> => {
  const entries = Object.entries(message.headers ?? NO_HEADERS)
  if (entries.length === 0) return NO_HEADERS
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value
      return first === undefined ? [] : [[name, Buffer.from(first)]]
    }),
  )
}
