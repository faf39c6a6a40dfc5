import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ReceivedRecord } from '@velocast/kafka'
import { type StationStatus, topics } from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  generateStatus,
  type SpawnedService,
  spawnService,
  type TestDatabase,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { type RedriveReport, redriveLetters } from './redrive-letters.ts'

const sink = new URL('../../sinks/timescale/main.ts', import.meta.url)
const statuses = [...generateStatus({ seed: 4, systemId: 'oslo', stations: 3, polls: 1 })]
const refused = { ...statuses[1]!, bikes: -3 }

describe('dead letters that are sent back', () => {
  let made: TestDatabase
  let broker: TestKafka
  let service: SpawnedService
  before(async () => {
    ;[made, broker] = await Promise.all([createTestDatabase(), createTestKafka()])
    const producer = await broker.kafka.openProducer()
    await producer.send(
      [statuses[0]!, refused, statuses[2]!].map((value) => ({
        topic: topics.stationStatus,
        value,
        headers: { origin: 'a test' },
      })),
    )
    await producer.close()
    await broker.writeRaw('station-status', [{ partition: 1, key: 'garbage', value: 'this is not Avro' }])
    service = spawnService(sink, { ...broker.env, DATABASE_URL: made.url })
    await lettersAre(2)
  })
  after(async () => {
    await service.kill('SIGKILL')
    await Promise.all([made.drop(), broker.close()])
  })

  const { signal } = new AbortController()
  const redrive = (choice: { again?: boolean; reason?: string; isDryRun?: boolean } = {}) =>
    redriveLetters({ again: false, isDryRun: false, ...choice }, { kafka: broker.kafka, signal })
  const lettersAre = (count: number) =>
    waitFor(async () => (await broker.kafka.deadLetters.read('station-status', signal)).length === count, {
      what: `${count} dead letters`,
    })
  const chosenIn = (report: RedriveReport): number[] => report.groups.map(({ chosen }) => chosen)
  const recordsOf = async (key: string): Promise<ReceivedRecord<StationStatus>[]> => {
    const records: ReceivedRecord[] = []
    const follower = await broker.kafka.follow({
      topics: [topics.stationStatus],
      from: 'beginning',
      onRecords: (some) => {
        records.push(...some.filter((record) => record.key === key))
      },
    })
    await follower.caughtUp
    await follower.stop()
    return records
  }

  test('are shown first, and with a dry run only shown', async () => {
    const report = await redrive({ isDryRun: true })
    assert.deepEqual([report.sent, report.redriveId, chosenIn(report)], [0, null, [1, 1]])
  })

  test('are in the table once what refused them is mended, and say where they have been', async () => {
    await made.database.query('alter table station_status drop constraint counts_not_negative')
    const report = await redrive({ reason: 'invalid' })
    assert.equal(report.sent, 1)
    await waitFor(
      async () => (await made.database.query('select 1 from station_status where bikes = -3')).rowCount === 1,
      { what: 'the row' },
    )
    const [first, again] = await recordsOf(`oslo/${refused.stationId}`)
    assert.deepEqual(again!.raw.value, first!.raw.value)
    assert.deepEqual([again!.partition, again!.eventAt], [first!.partition, first!.eventAt])
    const { 'velocast-redrive-history': history, ...headers } = again!.headers
    assert.deepEqual(headers, {
      origin: 'a test',
      'velocast-redrive-id': report.redriveId,
      'velocast-redrive-count': '1',
      'velocast-redrive-letter': `station-status.dlq@${await offsetOf('invalid')}`,
    })
    const [failure] = JSON.parse(history!)
    assert.deepEqual([failure.reason, failure.consumer], ['invalid', 'timescale-sink.station-status'])
  })

  test('are not sent twice, and do not go round and round when they are refused again', async () => {
    const first = await redrive()
    assert.equal(first.sent, 1, 'the garbage, which nothing mends')
    await lettersAre(3)
    assert.deepEqual(chosenIn(await redrive()), [0, 0])
    const letters = await broker.kafka.deadLetters.read('station-status', signal)
    const cameBack = letters.at(-1)!
    assert.deepEqual([cameBack.key, cameBack.redrives, cameBack.isRedriven], ['garbage', 1, false])

    assert.equal((await redrive({ again: true, reason: 'not-avro' })).sent, 2)
    await lettersAre(5)
    const raw = (await broker.readRaw('station-status.dlq')).filter(({ key }) => key === 'garbage').at(-1)!
    assert.equal(raw.value!.toString(), 'this is not Avro')
    assert.equal(raw.headers['velocast-redrive-count'], '2')
    assert.equal(JSON.parse(raw.headers['velocast-redrive-history']!).length, 2)
  })

  const offsetOf = async (reason: string): Promise<number> =>
    (await broker.kafka.deadLetters.read('station-status', signal)).find(
      (letter) => letter.reason === reason,
    )!.offset
})
