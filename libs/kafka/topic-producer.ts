/**
 * Publishes records. Sends are done one after the other, so that records stay in order through retries; within a send,
 * topic after topic, so that whoever sees a record of the second sees all of the first.
 *
 * The producer is idempotent, and after any failure it is thrown away and built anew: kafkajs does not recover the
 * sequence numbers of a failed batch. A record may so be written twice; every reader of ours is idempotent by key.
 */
import { UnavailableError } from '@velocast/runtime'
import { type Kafka, Partitioners, type Producer, type TopicMessages } from 'kafkajs'
import { isKafkaError } from './is-kafka-error.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import type { TopicProducer, TopicRecord } from './types.ts'

/** The broker refuses a batch of more than 1 MB (`message.max.bytes`), and one send is one batch a partition. */
const BATCH_BYTES = 900_000
const REQUEST_BYTES = 8_000_000
/** kafkajs sorts the records of a request by partition in quadratic time. */
const REQUEST_RECORDS = 2_500
const RECORD_OVERHEAD_BYTES = 40

export interface RawMessage {
  topic: string
  partition: number
  key: Buffer | null
  value: Buffer | null
  timestamp: number
  headers?: Record<string, string | Buffer>
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
    key: Buffer.from(topic.keyOf(value)),
    value: codec.encode(topic.name, value, encoded),
    timestamp: stampedAt ?? topic.timeOf(value),
    ...(headers ? { headers } : {}),
  }
}

export const createRawProducer = (kafka: Kafka): RawProducer => {
  let producer: Promise<Producer> | null = null
  let lastSend: Promise<void> = Promise.resolve()
  let isClosed = false

  const open = async (): Promise<Producer> => {
    const fresh = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
    })
    await fresh.connect()
    return fresh
  }

  const discard = (): void => {
    const broken = producer
    producer = null
    broken?.then((opened) => opened.disconnect()).catch(() => {})
  }

  const sendRequest = async (request: TopicMessages): Promise<void> => {
    try {
      producer ??= open()
      await (await producer).send({ ...request, acks: -1 })
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
      await producer?.then((opened) => opened.disconnect()).catch(() => {})
    },
  }
}

/** Requests of one topic each, such that no partition gets more in one of them than the broker takes as one batch. */
function* requestsOf(messages: readonly RawMessage[]): Generator<TopicMessages> {
  for (const [topic, ofTopic] of Map.groupBy(messages, (message) => message.topic)) {
    let request: TopicMessages = { topic, messages: [] }
    let partitionBytes = new Map<number, number>()
    let requestBytes = 0
    for (const { partition, key, value, timestamp, headers } of ofTopic) {
      const bytes = (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES + headerBytes(headers)
      if (bytes > BATCH_BYTES)
        throw new Error(
          `a record of ${bytes} bytes for ${topic} is more than the broker takes (${BATCH_BYTES})`,
        )
      const isFull =
        (partitionBytes.get(partition) ?? 0) + bytes > BATCH_BYTES ||
        requestBytes + bytes > REQUEST_BYTES ||
        request.messages.length === REQUEST_RECORDS
      if (isFull) {
        yield request
        request = { topic, messages: [] }
        partitionBytes = new Map()
        requestBytes = 0
      }
      partitionBytes.set(partition, (partitionBytes.get(partition) ?? 0) + bytes)
      requestBytes += bytes
      request.messages.push({
        partition,
        key,
        value,
        timestamp: String(timestamp),
        ...(headers ? { headers } : {}),
      })
    }
    yield request
  }
}

const headerBytes = (headers: RawMessage['headers']): number =>
  headers
    ? Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
    : 0
