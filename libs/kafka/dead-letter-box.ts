/**
 * Dead letters, read and sent back. What has been sent back is remembered in the dead letters' own topic, by a marker
 * behind them: a group's offset could not say which of them were chosen, and here letters and markers are kept equally
 * long, and read in one go.
 */
import { deadLetterTopicName, isSystemId, type TopicName } from '@velocast/schemas'
import type { KafkaMessage } from 'kafkajs'
import { letterHeaders } from './dead-letters.ts'
import type { KafkaError } from './is-kafka-error.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { readRawTopic } from './read-raw-topic.ts'
import { fetchOffsets } from './topic-admin.ts'
import { createRawProducer, type RawMessage } from './topic-producer.ts'
import type { DeadLetter, DeadLetterBox, LetterFailure } from './types.ts'

const REDRIVEN_OFFSET = 'velocast-redriven-offset'
const redriveHeaders = {
  id: 'velocast-redrive-id',
  count: 'velocast-redrive-count',
  letter: 'velocast-redrive-letter',
  history: 'velocast-redrive-history',
} as const
const BATCH_LETTERS = 500
const REMEMBERED_FAILURES = 10
const DETAIL_LENGTH = 200

export const openDeadLetterBox = (internals: KafkaInternals): DeadLetterBox => ({
  async read(topic, signal) {
    const letters = new Map<number, DeadLetter>()
    const redriven = new Set<number>()
    await readRawTopic(internals, deadLetterTopicName(topic), signal, (messages) => {
      for (const message of messages) {
        const marked = textOf(message, REDRIVEN_OFFSET)
        if (marked !== null) redriven.add(Number(marked))
        else letters.set(Number(message.offset), letterFrom(topic, message))
      }
    }).catch((error) => {
      if (!isMissingTopic(error)) throw error
    })
    return [...letters.values()].map((letter) => ({ ...letter, isRedriven: redriven.has(letter.offset) }))
  },

  async redrive(topic, offsets, { redriveId, onSent, signal }) {
    const { admin, topicName, clock } = internals
    const partitions = (await admin.use((client) => fetchOffsets(client, topicName(topic)))).length
    const producer = createRawProducer(internals.kafka)
    const sendBatch = async (messages: readonly KafkaMessage[]): Promise<void> => {
      await producer.send(
        messages.map((message) => originalOf(internals, topic, message, redriveId, partitions)),
        { signal },
      )
      // A letter whose marker is lost is sent again, which whoever reads it must bear anyway.
      await producer.send(
        messages.map((message) => markerOf(internals, topic, message, redriveId, clock.now())),
        { signal },
      )
      onSent?.(messages.length)
    }
    let sent = 0
    try {
      await readRawTopic(internals, deadLetterTopicName(topic), signal, async (messages) => {
        const chosen = messages.filter(({ offset }) => offsets.has(Number(offset)))
        for (let start = 0; start < chosen.length; start += BATCH_LETTERS) {
          const batch = chosen.slice(start, start + BATCH_LETTERS)
          await sendBatch(batch)
          sent += batch.length
        }
      })
    } finally {
      await producer.close()
    }
    return sent
  },
})

/** A topic that nobody has made yet has no letters. */
const isMissingTopic = (error: unknown): boolean =>
  error instanceof Error &&
  ((error as KafkaError).type === 'UNKNOWN_TOPIC_OR_PARTITION' || isMissingTopic(error.cause))

const textOf = ({ headers }: KafkaMessage, name: string): string | null => {
  const value = headers?.[name]
  const first = Array.isArray(value) ? value[0] : value
  return first === undefined ? null : first.toString()
}

const letterFrom = (topic: TopicName, message: KafkaMessage): DeadLetter => {
  const key = message.key?.toString() ?? ''
  return {
    topic,
    offset: Number(message.offset),
    key,
    systemId: systemIn(key),
    ...failureOf(message),
    redrives: Number(textOf(message, redriveHeaders.count) ?? 0),
    isRedriven: false,
  }
}

const failureOf = (message: KafkaMessage): LetterFailure => ({
  reason: textOf(message, letterHeaders.reason) ?? 'unknown',
  detail: textOf(message, letterHeaders.detail) ?? '',
  consumer: textOf(message, letterHeaders.consumer) ?? 'unknown',
  rejectedAt: textOf(message, letterHeaders.rejectedAt) ?? new Date(Number(message.timestamp)).toISOString(),
})

const systemIn = (key: string): string | null => {
  const [systemId = ''] = key.split('/', 1)
  return key.includes('/') && isSystemId(systemId) ? systemId : null
}

/** The record as it was refused, with its own headers and what has become of it since. */
const originalOf = (
  { topicName, partitionOf }: KafkaInternals,
  topic: TopicName,
  message: KafkaMessage,
  redriveId: string,
  partitions: number,
): RawMessage => {
  const systemId = systemIn(message.key?.toString() ?? '')
  // Where the system's records are today; what names no system goes back to where it was.
  const partition =
    systemId === null ? Number(textOf(message, letterHeaders.partition) ?? 0) : partitionOf(systemId)
  const ofLetter = new Set<string>(Object.values(letterHeaders))
  const own = Object.entries(message.headers ?? {}).flatMap(([name, value]) => {
    const first = Array.isArray(value) ? value[0] : value
    return ofLetter.has(name) || first === undefined ? [] : [[name, first] as const]
  })
  return {
    topic: topicName(topic),
    partition: partition % partitions,
    key: message.key,
    value: message.value,
    timestamp: Number(textOf(message, letterHeaders.eventAt) ?? message.timestamp),
    headers: {
      ...Object.fromEntries(own),
      [redriveHeaders.id]: redriveId,
      [redriveHeaders.count]: String(Number(textOf(message, redriveHeaders.count) ?? 0) + 1),
      [redriveHeaders.letter]: `${deadLetterTopicName(topic)}@${message.offset}`,
      [redriveHeaders.history]: JSON.stringify([...historyOf(message), failureOf(message)].map(shortened)),
    },
  }
}

const historyOf = (message: KafkaMessage): LetterFailure[] => {
  try {
    const history: unknown = JSON.parse(textOf(message, redriveHeaders.history) ?? '[]')
    return Array.isArray(history) ? history.slice(1 - REMEMBERED_FAILURES) : []
  } catch {
    return []
  }
}

const shortened = (failure: LetterFailure): LetterFailure => ({
  ...failure,
  detail: failure.detail.slice(0, DETAIL_LENGTH),
})

const markerOf = (
  { topicName }: KafkaInternals,
  topic: TopicName,
  message: KafkaMessage,
  redriveId: string,
  now: number,
): RawMessage => ({
  topic: topicName(deadLetterTopicName(topic)),
  partition: 0,
  key: Buffer.from(`redriven/${message.offset}`),
  value: null,
  timestamp: now,
  headers: { [REDRIVEN_OFFSET]: message.offset, [redriveHeaders.id]: redriveId },
})
