/**
 * Publishes records. Sends are done one after the other, so that records stay in order through retries; within a send,
 * topic after topic, so that whoever sees a record of the second sees all of the first.
 *
 * The producer is idempotent, and after a failure that its own retries do not mend it is thrown away and built anew, with
 * new sequence numbers. A record may so be written twice; every reader of ours is idempotent by key.
 */
import { UnavailableError } from '@velocast/runtime'
import type { Kafka } from 'kafkajs'
import { type BatchProducer, openBatchProducer } from './batch-producer.ts'
import { isKafkaError } from './is-kafka-error.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { type BatchRecord, recordBytesAtMost } from './record-batch.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import type { TopicProducer, TopicRecord } from './types.ts'

/** The broker refuses a batch of more than 1 MB (`message.max.bytes`), and one send is one batch a partition. */
const BATCH_BYTES = 900_000
const REQUEST_BYTES = 8_000_000

export interface RawMessage extends BatchRecord {
  topic: string
  partition: number
}

export interface RawProducer {
  send: (messages: readonly RawMessage[], options?: SendOptions) => Promise<void>
  close: () => Promise<void>
}

export interface SendOptions {
  giveUpAfterMs?: number
  signal?: AbortSignal
  /** Called before each wait while the broker is away; may throw to give up. */
  onWait?: (error: UnavailableError) => void | Promise<void>
}

type Addressing = Pick<KafkaInternals, 'codec' | 'topicName' | 'partitionOf'>

export const createTopicProducer = (raw: RawProducer, internals: KafkaInternals): TopicProducer => {
  const checked = new Set<string>()
  return {
    async send(records, options = {}) {
      const names = new Set(records.map((record) => record.topic.name))
      for (const name of names)
        await retryUntilAvailable(
          async () => {
            await internals.codec.prepareToWrite(name)
            if (checked.has(name)) return
            await internals.checkPartitions(name)
            checked.add(name)
          },
          { signal: options.signal },
        )
      await raw.send(
        records.map((record) => rawMessage(record, internals)),
        options,
      )
    },
    close: () => raw.close(),
  }
}

export const rawMessage = (
  record: TopicRecord,
  { codec, topicName, partitionOf }: Addressing,
): RawMessage => {
  const { topic, value, encoded, stampedAt, headers } = record
  return {
    topic: topicName(topic.name),
    partition: partitionOf(value.systemId),
    key: topic.keyOf(value),
    value: codec.encode(topic.name, value, encoded),
    timestamp: stampedAt ?? topic.timeOf(value),
    ...(headers ? { headers } : {}),
  }
}

export const createRawProducer = (kafka: Kafka): RawProducer => {
  let producer: Promise<BatchProducer> | null = null
  let lastSend: Promise<void> = Promise.resolve()
  let isClosed = false

  const discard = (): void => {
    const broken = producer
    producer = null
    broken?.then((opened) => opened.close()).catch(() => {})
  }

  const sendRequest = async ({ topic, batches }: ProduceBatches): Promise<void> => {
    try {
      producer ??= openBatchProducer(kafka)
      await (await producer).send(topic, batches)
    } catch (error) {
      discard()
      throw isKafkaError(error) ? new UnavailableError('Kafka', error) : error
    }
  }

  const sendAll = async (messages: readonly RawMessage[], options: SendOptions): Promise<void> => {
    if (isClosed) throw new Error('the producer is closed')
    const startedAt = performance.now()
    for (const request of requestsOf(messages))
      await retryUntilAvailable(() => sendRequest(request), {
        signal: options.signal,
        onWait: async (error) => {
          if (isClosed) throw error
          if (performance.now() - startedAt > (options.giveUpAfterMs ?? Number.POSITIVE_INFINITY)) throw error
          await options.onWait?.(error)
        },
      })
  }

  return {
    send(messages, options = {}) {
      const sent = lastSend.then(() => sendAll(messages, options))
      lastSend = sent.catch(() => {})
      return sent
    },
    async close() {
      await lastSend
      isClosed = true
      await producer?.then((opened) => opened.close()).catch(() => {})
    },
  }
}

interface ProduceBatches {
  topic: string
  batches: Map<number, BatchRecord[]>
}

/** Requests of one topic each, such that no partition gets more in one of them than the broker takes as one batch. */
function* requestsOf(messages: readonly RawMessage[]): Generator<ProduceBatches> {
  for (const [topic, ofTopic] of Map.groupBy(messages, (message) => message.topic)) {
    let batches = new Map<number, BatchRecord[]>()
    let partitionBytes = new Map<number, number>()
    let requestBytes = 0
    for (const message of ofTopic) {
      const bytes = recordBytesAtMost(message)
      if (bytes > BATCH_BYTES)
        throw new Error(
          `a record of ${bytes} bytes for ${topic} is more than the broker takes (${BATCH_BYTES})`,
        )
      const { partition } = message
      const isFull =
        (partitionBytes.get(partition) ?? 0) + bytes > BATCH_BYTES || requestBytes + bytes > REQUEST_BYTES
      if (isFull) {
        yield { topic, batches }
        batches = new Map()
        partitionBytes = new Map()
        requestBytes = 0
      }
      partitionBytes.set(partition, (partitionBytes.get(partition) ?? 0) + bytes)
      requestBytes += bytes
      const batch = batches.get(partition)
      if (batch) batch.push(message)
      else batches.set(partition, [message])
    }
    yield { topic, batches }
  }
}
