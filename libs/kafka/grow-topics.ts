/**
 * More partitions for every topic. With their number the partition of most systems changes, and a processor knows only its
 * own partition: so what a system has in its former partition is copied to its new one, in order, and the log of each
 * partition is again all that is needed to rebuild what follows from it.
 *
 *   1. nobody reads or writes: groups have no members, and have handled all there is
 *   2. the former number is noted in the cluster, for the case that this is interrupted: run again, it goes on
 *   3. topics grow
 *   4. records of systems that move are copied, bytes, keys, times and headers as they are; of compacted topics the newest
 *      of each key. Copies that are there twice do no harm: whoever reads them knows an observation by its moment
 *   5. groups are set behind the copies: to them nothing is new
 *
 * Snapshots of states are not copied: they name offsets of the former partition. States are rebuilt from the copies.
 */
import { ConfigError } from '@velocast/runtime'
import { allTopics, type Topic, topics } from '@velocast/schemas'
import type { Admin, KafkaMessage } from 'kafkajs'
import type { KafkaInternals } from './kafka-internals.ts'
import { partitionOf } from './partition-of.ts'
import { SIDE_COMMIT } from './partition-offsets.ts'
import { readRawTopic } from './read-raw-topic.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import { fetchOffsets } from './topic-admin.ts'
import { createRawProducer, type RawMessage, type RawProducer } from './topic-producer.ts'
import type { GrowthReport } from './types.ts'

/** A group whose committed offset is the number of partitions before the growth that is under way. */
const GROWTH_GROUP = 'partition-growth'
/** Snapshots, see above; and triggers, which are work that is done. */
const NOT_COPIED: ReadonlySet<string> = new Set([topics.stationState.name, topics.trainingTriggers.name])

interface GroupOffsets {
  groupId: string
  topic: string
  partitions: { partition: number; offset: number; isSide: boolean }[]
}

export const growTopics = async (
  internals: KafkaInternals,
  partitions: number,
  signal: AbortSignal,
): Promise<GrowthReport> => {
  const { admin, topicName, log } = internals
  const names = allTopics.map(({ name }) => topicName(name))
  await admin.use((client) => checkPresent(client, names))
  const interrupted = await admin.use((client) => notedCount(client, topicName))
  const from = interrupted ?? (await admin.use((client) => presentCount(client, names, partitions)))
  if (from === partitions) return { from, to: partitions, copied: {} }
  const groups = await admin.use((client) => groupsOf(client, names))
  await admin.use((client) => checkIdle(client, groups, interrupted === null))
  await admin.use((client) => note(client, topicName, from))
  await admin.use((client) => addPartitions(client, names, partitions))
  for (const name of names) await untilLed(internals, name, signal)

  const copied: Record<string, number> = {}
  const producer = createRawProducer(internals.kafka)
  try {
    for (const topic of allTopics) {
      if (NOT_COPIED.has(topic.name)) continue
      copied[topic.name] = await copyMoved(internals, producer, topic, from, partitions, signal)
      log.info({ topic: topic.name, records: copied[topic.name] }, 'copied to their new partitions')
    }
  } finally {
    await producer.close()
  }
  for (const group of groups) await admin.use((client) => setBehindCopies(client, group))
  await admin.use((client) => client.deleteGroups([topicName(GROWTH_GROUP)]))
  return { from, to: partitions, copied }
}

const checkPresent = async (admin: Admin, names: readonly string[]): Promise<void> => {
  const present = new Set(await admin.listTopics())
  const missing = names.filter((name) => !present.has(name))
  if (missing.length > 0)
    throw new ConfigError([
      `there is no topic ${missing.join(', ')}: create them as they were, with velocast schemas register`,
    ])
}

const notedCount = async (admin: Admin, topicName: (name: string) => string): Promise<number | null> => {
  const topic = topicName(topics.stationStatus.name)
  const [noted] = await admin.fetchOffsets({ groupId: topicName(GROWTH_GROUP), topics: [topic] })
  const count = Number(noted?.partitions.find(({ partition }) => partition === 0)?.offset ?? -1)
  return count > 0 ? count : null
}

const note = (admin: Admin, topicName: (name: string) => string, count: number): Promise<unknown> =>
  admin.setOffsets({
    groupId: topicName(GROWTH_GROUP),
    topic: topicName(topics.stationStatus.name),
    partitions: [{ partition: 0, offset: String(count) }],
  })

const countsOf = async (admin: Admin, names: readonly string[]): Promise<Map<string, number>> => {
  const { topics: found } = await admin.fetchTopicMetadata({ topics: [...names] })
  return new Map(found.map(({ name, partitions }) => [name, partitions.length]))
}

const presentCount = async (admin: Admin, names: readonly string[], wanted: number): Promise<number> => {
  const counts = [...new Set((await countsOf(admin, names)).values())]
  if (counts.length !== 1)
    throw new ConfigError([`the topics have ${counts.join(' and ')} partitions, and should all have as many`])
  if (counts[0]! > wanted)
    throw new ConfigError([
      `the topics have ${counts[0]} partitions; Kafka cannot take any away, to ${wanted}`,
    ])
  return counts[0]!
}

const addPartitions = async (admin: Admin, names: readonly string[], count: number): Promise<void> => {
  const counts = await countsOf(admin, names)
  const topicPartitions = names.filter((name) => counts.get(name)! < count).map((topic) => ({ topic, count }))
  if (topicPartitions.length > 0) await admin.createPartitions({ topicPartitions })
}

/** A new partition is in the metadata before a broker leads it; until then every request for it fails. */
const untilLed = ({ admin }: KafkaInternals, name: string, signal: AbortSignal): Promise<unknown> =>
  retryUntilAvailable(() => admin.use((client) => fetchOffsets(client, name)), {
    longestDelayMs: 500,
    signal,
  })

/** What groups have committed of these topics. */
const groupsOf = async (admin: Admin, names: readonly string[]): Promise<GroupOffsets[]> => {
  const { groups } = await admin.listGroups()
  const offsets: GroupOffsets[] = []
  for (const { groupId } of groups) {
    if (groupId.endsWith(GROWTH_GROUP)) continue
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
      const committed = partitions
        .map(({ partition, offset, metadata }) => ({
          partition,
          offset: Number(offset),
          isSide: metadata === SIDE_COMMIT,
        }))
        .filter(({ offset }) => offset >= 0)
      if (names.includes(topic) && committed.length > 0)
        offsets.push({ groupId, topic, partitions: committed })
    }
  }
  return offsets
}

const checkIdle = async (
  admin: Admin,
  groups: readonly GroupOffsets[],
  mustBeDone: boolean,
): Promise<void> => {
  if (groups.length === 0) return
  const described = await admin.describeGroups([...new Set(groups.map(({ groupId }) => groupId))])
  const mistakes = described.groups
    .filter(({ members }) => members.length > 0)
    .map(({ groupId, members }) => `${groupId} has ${members.length} members: stop them`)
  for (const { groupId, topic, partitions } of mustBeDone ? groups : []) {
    if (partitions.some(({ isSide }) => isSide)) continue
    const committed = new Map(partitions.map(({ partition, offset }) => [partition, offset]))
    const left = (await fetchOffsets(admin, topic)).reduce(
      (sum, { partition, low, high }) => sum + high - Math.max(low, committed.get(partition) ?? low),
      0,
    )
    if (left > 0)
      mistakes.push(`${groupId} has ${left} records of ${topic} to handle: let it run until there are none`)
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
}

const copyMoved = async (
  internals: KafkaInternals,
  producer: RawProducer,
  topic: Topic<never>,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<number> => {
  let copied = 0
  const newest = new Map<string, RawMessage>()
  const isCompacted = topic.cleanup !== 'delete'
  await readRawTopic(internals, topic.name, signal, async (messages, partition) => {
    const moved = messages.flatMap((message) => {
      const systemId = message.key?.toString().split('/')[0]
      if (!systemId || partitionOf(systemId, from) !== partition) return []
      const target = partitionOf(systemId, to)
      return target === partition ? [] : [asItIs(internals.topicName(topic.name), target, message)]
    })
    if (isCompacted) {
      for (const message of moved) newest.set(String(message.key), message)
      return
    }
    await producer.send(moved, { signal })
    copied += moved.length
  })
  await producer.send([...newest.values()], { signal })
  return copied + newest.size
}

const asItIs = (topic: string, partition: number, message: KafkaMessage): RawMessage => ({
  topic,
  partition,
  key: message.key,
  value: message.value,
  timestamp: Number(message.timestamp),
  headers: Object.fromEntries(
    Object.entries(message.headers ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value[0]! : value]],
    ),
  ),
})

/** A side is needed from the beginning of what was copied. */
const setBehindCopies = async (admin: Admin, { groupId, topic, partitions }: GroupOffsets): Promise<void> => {
  const sides = new Map(partitions.filter(({ isSide }) => isSide).map((each) => [each.partition, each]))
  const ends = await fetchOffsets(admin, topic)
  await admin.setOffsets({
    groupId,
    topic,
    partitions: ends.map(({ partition, low, high }) => ({
      partition,
      offset: String(sides.size === 0 ? high : (sides.get(partition)?.offset ?? low)),
    })),
  })
}
