import { randomBytes } from 'node:crypto'
import { connectKafka, type KafkaClient } from '@velocast/kafka'
import { type Log, systemClock } from '@velocast/runtime'
import type { Topic } from '@velocast/schemas'
// Garbage and deletions are no business of the product's own client.
import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs'
import { silentLog } from './silent-log.ts'
import { testStack } from './test-stack.ts'

/** A value's bytes as they are, such as a producer gone wrong would write them. */
export interface RawRecord {
  partition: number
  key?: string
  value: Buffer | string | null
  headers?: Record<string, string>
}

export interface TestKafka {
  /** All topics are there, under a prefix of this test's own; their schemas come with the first records. */
  kafka: KafkaClient
  /** For processes that the test starts: addresses and the prefix. */
  env: Record<string, string>
  /** Another client of the same topics, for tests in which one of two goes away. Closed by `close`. */
  connectAnother: (options?: { log?: Log }) => KafkaClient
  /** Writes past schemas and checks. */
  writeRaw: (topic: string, records: readonly RawRecord[]) => Promise<void>
  /** Reads a topic's bytes up to its present end, such as dead letters. */
  readRaw: (
    topic: string,
  ) => Promise<{ key: string; value: Buffer | null; headers: Record<string, string> }[]>
  /** Records of these topics that the group has not yet committed. */
  lagOf: (group: string, topics: readonly Topic<never>[]) => Promise<number>
  /** Closes the clients and removes topics, groups and schemas. */
  close: () => Promise<void>
}

/** A client with topics of its own on the servers of KAFKA_BROKERS and SCHEMA_REGISTRY_URL. Few partitions are quicker to make. */
export const createTestKafka = async ({
  partitions = 4,
}: {
  partitions?: number
} = {}): Promise<TestKafka> => {
  const stack = testStack()
  const topicPrefix = `test-${randomBytes(5).toString('hex')}-`
  const connect = ({ log = silentLog }: { log?: Log } = {}): KafkaClient =>
    connectKafka({
      brokers: stack.brokers,
      registryUrl: stack.registryUrl,
      clientId: 'velocast-test',
      topicPrefix,
      partitions,
      clock: systemClock,
      log,
    })
  const raw = new Kafka({ brokers: stack.brokers, clientId: 'velocast-test', logLevel: logLevel.NOTHING })
  const clients = [connect()]
  const kafka = clients[0]!
  await kafka.createTopics()

  return {
    kafka,
    env: { ...stack.env, KAFKA_TOPIC_PREFIX: topicPrefix, KAFKA_PARTITIONS: String(partitions) },
    connectAnother(options) {
      const client = connect(options)
      clients.push(client)
      return client
    },
    writeRaw: (topic, records) =>
      withProducer(raw, async (producer) => {
        const messages = records.map((record) => ({ ...record, key: record.key ?? null }))
        await producer.send({ topic: kafka.topicName(topic), messages })
      }),
    readRaw: (topic) =>
      readAll(raw, kafka.topicName(topic), `${topicPrefix}reader-${randomBytes(4).toString('hex')}`),
    lagOf: (group, topics) => kafka.lagOf(group, topics as readonly Topic<unknown>[]),
    async close() {
      await Promise.all(clients.map((client) => client.close()))
      await withAdmin(raw, (admin) => removeAll(admin, topicPrefix))
      await removeSubjects(stack.registryUrl, topicPrefix)
    },
  }
}

const withAdmin = async <T>(raw: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = raw.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

const withProducer = async (raw: Kafka, work: (producer: Producer) => Promise<void>): Promise<void> => {
  const producer = raw.producer()
  await producer.connect()
  try {
    await work(producer)
  } finally {
    await producer.disconnect()
  }
}

const readAll = async (raw: Kafka, topic: string, groupId: string): ReturnType<TestKafka['readRaw']> => {
  const ends = await withAdmin(raw, (admin) => admin.fetchTopicOffsets(topic))
  const left = new Map(
    ends.filter((end) => end.high !== end.low).map((end) => [end.partition, BigInt(end.high)]),
  )
  if (left.size === 0) return []
  const records: Awaited<ReturnType<TestKafka['readRaw']>> = []
  const consumer = raw.consumer({ groupId })
  const done = Promise.withResolvers<void>()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)])
      records.push({
        key: message.key?.toString() ?? '',
        value: message.value,
        headers: Object.fromEntries(headers),
      })
      if (BigInt(message.offset) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition)
      if (left.size === 0) done.resolve()
    },
  })
  await done.promise
  await consumer.disconnect()
  return records
}

const removeAll = async (admin: Admin, prefix: string): Promise<void> => {
  const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix))
  if (topics.length > 0) await admin.deleteTopics({ topics })
  const { groups } = await admin.listGroups()
  const mine = groups.map((group) => group.groupId).filter((id) => id.startsWith(prefix))
  // A group whose members were killed a moment ago is not empty yet: it expires by itself.
  await admin.deleteGroups(mine).catch(() => undefined)
}

const removeSubjects = async (registryUrl: string, prefix: string): Promise<void> => {
  const answer = await fetch(`${registryUrl}/subjects?subjectPrefix=${prefix}`)
  const subjects = ((await answer.json()) as string[]).filter((subject) => subject.startsWith(prefix))
  await Promise.all(
    subjects.map((subject) =>
      fetch(`${registryUrl}/subjects/${encodeURIComponent(subject)}`, { method: 'DELETE' }),
    ),
  )
}
