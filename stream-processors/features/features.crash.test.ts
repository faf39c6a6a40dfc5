import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connectKafka, type KafkaClient, partitionOf } from '@velocast/kafka'
import { systemClock } from '@velocast/runtime'
import { type StationState, type StationStatus, type StationVector, topics } from '@velocast/schemas'
import {
  type SpawnedService,
  seededRandom,
  silentLog,
  spawnService,
  testStack,
  waitFor,
} from '@velocast/testkit'
import {
  asOneSend,
  bytesOf,
  differences,
  generateLog,
  vectorKey,
  vectorsByLibrary,
} from './testing/city-log.ts'

const system = { systemId: 'city', timeZone: 'Europe/Oslo', country: 'NO' }
const STATIONS = 40
const POLLS = 700
/** Recent: the broker deletes observations that are older than the topic's retention. */
const FIRST_AT = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 8 * 86_400_000
const KILLS = 8
/** Where chance has it that none of them came between a publication and its commit, there are more. */
const MOST_KILLS = 3 * KILLS
const PARTITIONS = 2

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
    BATCH_RECORDS: '50',
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
    const log = generateLog({
      systemId: system.systemId,
      seed: 7,
      stations: STATIONS,
      polls: POLLS,
      firstAt: FIRST_AT,
    })
    const expected = vectorsByLibrary(system, log)
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
          const key = vectorKey(vector)
          const bytes = bytesOf(vector.vector)
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
    /** One part for each kill, and one at least for the end: there is always something in the middle of which to be killed. */
    const parts = MOST_KILLS + 1
    let sent = 0
    const sendParts = async (until: number): Promise<void> => {
      const end = Math.floor((log.length * until) / parts)
      for (; sent < end; sent = Math.min(sent + 250, end))
        await producer.send(asOneSend(log.slice(sent, Math.min(sent + 250, end))))
    }
    const random = seededRandom(99)
    for (let kill = 1; kill <= KILLS || (published === seen.size && kill <= MOST_KILLS); kill += 1) {
      const before = seen.size
      await sendParts(kill)
      // Killed some vectors after its first: in the middle of whatever it is doing then.
      const target = before + 1 + Math.floor((random() * expected.size) / (2 * parts))
      await waitFor(() => seen.size >= target, {
        everyMs: 1,
        what: `${target} vectors`,
        lines: processor.lines,
      })
      await processor.kill('SIGKILL')
      restorableFrom.push(Math.min(...snapshotOffsets.values()) + 1)
      processor = spawnService(new URL('./main.ts', import.meta.url), env)
      restarts.push(processor)
    }
    await sendParts(parts)
    await waitFor(() => seen.size >= expected.size, {
      what: `all ${expected.size} vectors`,
    })
    await waitFor(() => processor.events().some(({ msg }) => msg === 'started'), {
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
    const differing = differences(expected, seen)
    assert.deepEqual(differing.slice(0, 20), [], `${differing.length} values differ`)
  })
})
