import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createSystemHistory, vectorFeatureNames } from '@velocast/features'
import { connectKafka, type KafkaClient, partitionOf, type TopicRecord } from '@velocast/kafka'
import { systemClock } from '@velocast/runtime'
import {
  type StationState,
  type StationStatus,
  type StationVector,
  topics,
  type WeatherObservation,
} from '@velocast/schemas'
import { type SpawnedService, silentLog, spawnService, testStack, waitFor } from '@velocast/testkit'

const system = { systemId: 'city', timeZone: 'Europe/Oslo', country: 'NO' }
const STATIONS = 40
const POLLS = 700
/** Recent: the broker deletes observations that are older than the topic's retention. */
const FIRST_AT = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 8 * 86_400_000
const KILLS = 8
const POLL_MS = 15 * 60_000
const PARTITIONS = 2

/** A small generator of numbers (mulberry32), so that each run sees the same city. */
const randomFrom = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const statusesOf = (poll: number, random: () => number, bikes: number[]): StationStatus[] =>
  Array.from({ length: STATIONS }, (_, station) => station)
    // Some stations come later than others, and each is missing now and then.
    .filter((station) => poll >= station * 5 && random() > 0.05)
    .map((station) => {
      bikes[station] = Math.max(0, Math.min(20, (bikes[station] ?? 10) + Math.round((random() - 0.5) * 5)))
      const observedAt = FIRST_AT + poll * POLL_MS + Math.floor(random() * 1000)
      return {
        systemId: system.systemId,
        stationId: `s${station}`,
        observedAt,
        polledAt: FIRST_AT + poll * POLL_MS + 2000,
        reportedAt: observedAt - 30_000,
        bikes: bikes[station]!,
        ebikes: null,
        docks: 20 - bikes[station]!,
        bikesDisabled: 0,
        docksDisabled: 0,
        isInstalled: true,
        isRenting: true,
        isReturning: true,
        capacity: 20,
        latitude: 59.9,
        longitude: 10.7,
        origin: 'REPORTED',
      }
    })

const weatherOf = (poll: number, random: () => number): WeatherObservation => ({
  systemId: system.systemId,
  locationId: 'centre',
  provider: 'open-meteo',
  observedAt: FIRST_AT + poll * POLL_MS,
  polledAt: FIRST_AT + poll * POLL_MS + 500,
  temperatureC: Math.fround(random() * 20),
  feelsLikeC: Math.fround(random() * 20),
  humidityPercent: 70,
  windSpeedMps: 3,
  precipitationMm: 0,
  cloudCoverPercent: 50,
  pressureHpa: 1013,
  visibilityM: 10_000,
  condition: 'clouds',
})

/** Now and then an observation comes up to 22 hours late, when later ones of its station are known. */
const generateLog = (): (TopicRecord<StationStatus> | TopicRecord<WeatherObservation>)[] => {
  const random = randomFrom(7)
  const bikes: number[] = []
  const heldBack = new Map<number, StationStatus[]>()
  return Array.from({ length: POLLS }, (_, poll) => {
    const inTime = statusesOf(poll, random, bikes).filter((status) => {
      if (random() > 0.01) return true
      const comesWith = poll + 1 + Math.floor(random() * 88)
      const others = heldBack.get(comesWith) ?? []
      // Each read a moment after the other, so that it can be told which of them changed a vector.
      const polledAt = FIRST_AT + comesWith * POLL_MS + 2001 + others.length
      heldBack.set(comesWith, [...others, { ...status, polledAt }])
      return false
    })
    return [
      ...(poll % 2 === 0 ? [{ topic: topics.weatherObservations, value: weatherOf(poll, random) }] : []),
      ...[...inTime, ...(heldBack.get(poll) ?? [])].map((value) => ({ topic: topics.stationStatus, value })),
    ]
  }).flat()
}

const keyOf = ({
  stationId,
  asOf,
  polledAt,
}: {
  stationId: string
  asOf: number
  polledAt: number
}): string => `${stationId}@${asOf} known at ${polledAt}`

const vectorsByLibrary = (log: ReturnType<typeof generateLog>): Map<string, Buffer> => {
  const history = createSystemHistory(system)
  const into = new Float32Array(vectorFeatureNames.length)
  const vectors = new Map<string, Buffer>()
  const keep = ({ stationId, polledAt }: StationStatus, asOf: number, vector: Float32Array): void => {
    vectors.set(keyOf({ stationId, asOf, polledAt }), Buffer.from(new Uint8Array(vector.slice().buffer)))
  }
  for (const { topic, value } of log) {
    if (topic.name === 'weather-observations') {
      history.applyWeather(value as WeatherObservation)
      continue
    }
    const status = value as StationStatus
    const outcome = history.observe(status, into)
    if (outcome === 'vector') keep(status, status.observedAt, into)
    if (outcome === 'late')
      history.dependants(status.stationId, status.observedAt, (asOf, vector) => keep(status, asOf, vector))
  }
  return vectors
}

const differences = (key: string, expected: Buffer, actual: Buffer): string[] => {
  if (expected.equals(actual)) return []
  const [wanted, found] = [expected, actual].map((bytes) => new Float32Array(new Uint8Array(bytes).buffer))
  return vectorFeatureNames.flatMap((name, index) =>
    Object.is(wanted![index], found![index])
      ? []
      : [`${key} ${name}: ${found![index]}, should be ${wanted![index]}`],
  )
}

/** Where a processor said that it began: the committed offset, and the first one that it read again. */
const restoredAt = (processor: SpawnedService): { committed: number; from: number } | null => {
  const event = processor
    .events()
    .find(
      ({ msg, partition }) =>
        msg === 'state restored from snapshots' && partition === partitionOf(system.systemId, PARTITIONS),
    )
  return event ? { committed: Number(event.committed), from: Number(event.from) } : null
}

describe('the features processor, killed anywhere', () => {
  const topicPrefix = `test-${randomUUID()}-`
  const systemsFile = join(mkdtempSync(join(tmpdir(), 'velocast-')), 'systems.json')
  const stack = testStack()
  const env = {
    ...stack.env,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KAFKA_PARTITIONS: String(PARTITIONS),
    SYSTEMS_FILE: systemsFile,
    SNAPSHOT_EVERY_SECONDS: '1',
    BATCH_RECORDS: '150',
    LOG_LEVEL: 'info',
  }
  let kafka: KafkaClient

  before(async () => {
    writeFileSync(
      systemsFile,
      JSON.stringify({
        systems: [{ ...system, gbfs: 'http://127.0.0.1/gbfs.json', latitude: 59.9, longitude: 10.7 }],
      }),
    )
    kafka = connectKafka({
      brokers: stack.brokers,
      registryUrl: stack.registryUrl,
      clientId: 'test',
      topicPrefix,
      partitions: PARTITIONS,
      clock: systemClock,
      log: silentLog,
    })
    await kafka.createTopics()
  })
  const undo: (() => Promise<unknown>)[] = [() => kafka.close()]
  after(async () => {
    for (const each of undo.reverse()) await each()
  })

  it('publishes, after kill -9 in the middle of batches, the very bytes that the library computes', async () => {
    const log = generateLog()
    const expected = vectorsByLibrary(log)
    const producer = await kafka.openProducer()
    undo.push(() => producer.close())
    const seen = new Map<string, Buffer>()
    /** The asOf of each station's last vector in the log, which is what compaction leaves of it. */
    const newestOf = new Map<string, number>()
    let snapshots = 0
    let published = 0
    /** Up to where the newest snapshot of each station reaches. */
    const snapshotOffsets = new Map<string, number>()
    /** For each kill: the next record of the station whose snapshot reaches the least far, as known then. */
    const restorableFrom: number[] = []
    const restarts: SpawnedService[] = []
    const follower = await kafka.follow({
      topics: [topics.stationFeatures, topics.stationState],
      from: 'beginning',
      onRecords(records) {
        for (const { topic, value } of records) {
          if (topic.name === 'station-state') {
            snapshots += 1
            const state = value as StationState
            snapshotOffsets.set(state.stationId, state.sourceOffset)
            continue
          }
          const vector = value as StationVector
          const key = keyOf(vector)
          const bytes = Buffer.from(vector.vector.buffer)
          const earlier = seen.get(key)
          if (earlier) assert.ok(earlier.equals(bytes), `two different vectors of ${key}`)
          seen.set(key, bytes)
          newestOf.set(vector.stationId, vector.asOf)
          published += 1
        }
      },
    })
    undo.push(() => follower.stop())
    let processor = spawnService(new URL('./main.ts', import.meta.url), env)
    undo.push(() => processor.kill('SIGKILL'))
    const sendAll = async (): Promise<void> => {
      for (let sent = 0; sent < log.length; sent += 250) await producer.send(log.slice(sent, sent + 250))
    }
    await sendAll()
    const random = randomFrom(99)
    for (let kill = 1; kill <= KILLS; kill += 1) {
      // Killed some vectors after its first: in the middle of whatever it is doing then.
      const target = Math.min(seen.size + 1 + Math.floor(random() * 1_500), expected.size)
      await waitFor(() => seen.size >= target, {
        withinMs: 30_000,
        everyMs: 1,
        what: `${target} vectors (log: ${processor.lines().slice(-5).join('\n')})`,
      })
      await processor.kill('SIGKILL')
      restorableFrom.push(Math.min(...snapshotOffsets.values()) + 1)
      processor = spawnService(new URL('./main.ts', import.meta.url), env)
      restarts.push(processor)
    }
    await waitFor(() => seen.size >= expected.size, {
      withinMs: 30_000,
      what: `all ${expected.size} vectors`,
    })
    await waitFor(() => processor.events().some(({ msg }) => msg === 'started'), {
      withinMs: 30_000,
      what: 'start',
    })
    assert.equal(await processor.kill('SIGTERM'), 0)

    const restored = restarts.map(restoredAt)
    let committedBefore = 0
    for (const [kill, at] of restored.entries()) {
      // One that was killed before it had its partition has nothing to say.
      if (!at) continue
      const told = `restart ${kill + 1} of ${JSON.stringify(restored)}`
      assert.ok(at.committed >= committedBefore, `what was committed stays committed: ${told}`)
      if (Number.isFinite(restorableFrom[kill]))
        assert.ok(
          at.from >= restorableFrom[kill]! && at.from <= at.committed,
          `begins at the snapshots, not before ${restorableFrom[kill]}: ${told}`,
        )
      committedBefore = at.committed
    }
    assert.ok(committedBefore > 0, `some restart found something committed: ${JSON.stringify(restored)}`)
    assert.ok(snapshots > STATIONS, `snapshots were taken: ${snapshots}`)
    assert.ok(published > expected.size, `some were published twice: ${published} of ${expected.size}`)
    assert.deepEqual([...seen.keys()].sort(), [...expected.keys()].sort())
    const lastAsOf = new Map<string, number>()
    for (const { topic, value } of log)
      if (topic.name === 'station-status') {
        const { stationId, observedAt } = value as StationStatus
        lastAsOf.set(stationId, Math.max(observedAt, lastAsOf.get(stationId) ?? 0))
      }
    assert.deepEqual(newestOf, lastAsOf, 'the last vector of a station in the log is its newest')
    const differing = [...expected].flatMap(([key, bytes]) => differences(key, bytes, seen.get(key)!))
    assert.deepEqual(differing.slice(0, 20), [], `${differing.length} values differ`)
  })
})
