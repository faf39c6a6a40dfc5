import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { connectKafka, type KafkaClient, partitionOf } from '@velocast/kafka'
import { systemClock } from '@velocast/runtime'
import { type StationVector, topics } from '@velocast/schemas'
import { createTestKafka, silentLog, spawnService, type TestKafka, waitFor } from '@velocast/testkit'
import { Kafka, logLevel } from 'kafkajs'
import {
  asOneSend,
  bytesOf,
  type CityLog,
  differences,
  generateLog,
  vectorKey,
  vectorsByLibrary,
} from './testing/city-log.ts'

const FORMER = 2
const GROWN = 4
const DAY_MS = 86_400_000
const cities = ['oslo', 'bergen', 'trondheim', 'stavanger'].map((systemId) => ({
  systemId,
  timeZone: 'Europe/Oslo',
  country: 'NO',
}))
const logs = cities.map(({ systemId }, seed) =>
  generateLog({
    systemId,
    seed,
    stations: 12,
    polls: 240,
    firstAt: Math.floor(Date.now() / DAY_MS) * DAY_MS - 4 * DAY_MS,
  }),
)
const expected = new Map(cities.flatMap((city, index) => [...vectorsByLibrary(city, logs[index]!)]))
const halfOf = (log: CityLog, half: 0 | 1): CityLog => {
  const middle = Math.floor(log.length / 2)
  return half === 0 ? log.slice(0, middle) : log.slice(middle)
}

describe('the features processor, when its state is lost between two halves of the log', () => {
  const undo: (() => Promise<unknown>)[] = []
  after(async () => {
    for (const each of undo.reverse()) await each()
  })

  const writeSystems = (): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'velocast-')), 'systems.json')
    const place = { gbfs: 'http://127.0.0.1/gbfs.json', latitude: 59.9, longitude: 10.7 }
    const systems = cities.map((city) => ({ ...city, ...place, modelName: city.systemId }))
    writeFileSync(file, JSON.stringify({ systems }))
    return file
  }

  const connectWith = (test: TestKafka, partitions: number): KafkaClient => {
    const client = connectKafka({
      brokers: test.env.KAFKA_BROKERS!.split(','),
      registryUrl: test.env.SCHEMA_REGISTRY_URL!,
      topicPrefix: test.env.KAFKA_TOPIC_PREFIX!,
      clientId: 'test',
      partitions,
      clock: systemClock,
      log: silentLog,
    })
    undo.push(() => client.close())
    return client
  }

  /** Publishes half of the logs, and has a processor handle it; resolves with what that one logged. */
  const handleHalf = async (test: TestKafka, kafka: KafkaClient, partitions: number, half: 0 | 1) => {
    const producer = await kafka.openProducer()
    for (const log of logs) await producer.send(asOneSend(halfOf(log, half)))
    await producer.close()
    const processor = spawnService(new URL('./main.ts', import.meta.url), {
      ...test.env,
      KAFKA_PARTITIONS: String(partitions),
      SYSTEMS_FILE: writeSystems(),
      SNAPSHOT_EVERY_SECONDS: '1',
      BATCH_RECORDS: '200',
      LOG_LEVEL: 'info',
    })
    undo.push(() => processor.kill('SIGKILL'))
    await waitFor(async () => (await kafka.lagOf('features', [topics.stationStatus])) === 0, {
      what: `half ${half} handled`,
    })
    assert.equal(await processor.kill('SIGTERM'), 0)
    return processor.events()
  }

  const readVectors = async (kafka: KafkaClient): Promise<Map<string, Buffer>> => {
    const seen = new Map<string, Buffer>()
    const follower = await kafka.follow({
      topics: [topics.stationFeatures],
      from: 'beginning',
      onRecords(records) {
        for (const { value } of records) {
          const vector = value as StationVector
          const earlier = seen.get(vectorKey(vector))
          const bytes = bytesOf(vector.vector)
          if (earlier) assert.ok(earlier.equals(bytes), `two different vectors of ${vectorKey(vector)}`)
          seen.set(vectorKey(vector), bytes)
        }
      },
    })
    await follower.caughtUp
    await follower.stop()
    return seen
  }

  const assertUndisturbed = (seen: ReadonlyMap<string, Buffer>): void => {
    assert.equal(seen.size, expected.size)
    const differing = differences(expected, seen)
    assert.deepEqual(differing.slice(0, 20), [], `${differing.length} values differ`)
  }

  it('goes on with the same vectors after all snapshots are gone, and says how long it read the log', async () => {
    const test = await createTestKafka({ partitions: FORMER })
    undo.push(() => test.close())
    await handleHalf(test, test.kafka, FORMER, 0)
    const raw = new Kafka({ brokers: test.env.KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING })
    const admin = raw.admin()
    await admin.connect()
    const topic = test.kafka.topicName(topics.stationState.name)
    const snapshots = await admin.fetchTopicOffsets(topic)
    assert.ok(snapshots.some(({ high }) => Number(high) > 0))
    await admin.deleteTopics({ topics: [topic] })
    await waitFor(async () => !(await admin.listTopics()).includes(topic), {
      what: 'the snapshots are gone',
    })
    await admin.disconnect()
    // The client's metadata may still name what is gone.
    await waitFor(() => test.kafka.createTopics(), { what: 'an empty topic' })

    const events = await handleHalf(test, test.kafka, FORMER, 1)
    const replayed = events.filter(({ msg }) => msg === 'state brought forward to the committed offset')
    const records = replayed.reduce((sum, event) => sum + Number(event.replayedRecords), 0)
    const firstHalves = logs.flatMap((log) => halfOf(log, 0))
    assert.equal(records, firstHalves.filter(({ topic: { name } }) => name === 'station-status').length)
    assert.ok(replayed.every(({ replayMs }) => Number(replayMs) >= 0))
    assertUndisturbed(await readVectors(test.kafka))
  })

  it('goes on with the same vectors when the topics have grown, and cities have moved', async () => {
    const moved = cities.filter(
      ({ systemId }) => partitionOf(systemId, FORMER) !== partitionOf(systemId, GROWN),
    )
    assert.ok(moved.length > 0 && moved.length < cities.length, 'some move, some do not')
    const test = await createTestKafka({ partitions: FORMER })
    undo.push(() => test.close())
    await handleHalf(test, test.kafka, FORMER, 0)
    const grown = connectWith(test, GROWN)
    const { from, to, copied } = await grown.growTopics(new AbortController().signal)
    assert.deepEqual([from, to], [FORMER, GROWN])
    const expectedCopies = logs
      .filter((_, index) => moved.includes(cities[index]!))
      .flatMap((log) => halfOf(log, 0))
      .filter(({ topic }) => topic.name === 'station-status').length
    assert.equal(copied['station-status'], expectedCopies)
    assert.deepEqual((await grown.growTopics(new AbortController().signal)).copied, {}, 'once is enough')

    await handleHalf(test, grown, GROWN, 1)
    assertUndisturbed(await readVectors(grown))
  })

  it('does not grow topics that somebody still reads', async () => {
    const test = await createTestKafka({ partitions: FORMER })
    undo.push(() => test.close())
    const producer = await test.kafka.openProducer()
    for (const log of logs) await producer.send(asOneSend(halfOf(log, 0)))
    await producer.close()
    const processor = spawnService(new URL('./main.ts', import.meta.url), {
      ...test.env,
      SYSTEMS_FILE: writeSystems(),
    })
    undo.push(() => processor.kill('SIGKILL'))
    await waitFor(async () => (await test.kafka.lagOf('features', [topics.stationStatus])) === 0, {
      what: 'the processor is done',
    })
    const grown = connectWith(test, GROWN)
    await assert.rejects(grown.growTopics(new AbortController().signal), /features has 1 members: stop them/)
    assert.equal(await processor.kill('SIGTERM'), 0)
    const late = await test.kafka.openProducer()
    await late.send(asOneSend(halfOf(logs[0]!, 1)))
    await late.close()
    await assert.rejects(
      grown.growTopics(new AbortController().signal),
      /records of .*station-status to handle/,
    )
  })
})
