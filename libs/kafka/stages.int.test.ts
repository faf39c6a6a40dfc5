import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { createLogger, systemClock, UnavailableError } from '@velocast/runtime'
import { type Alert, deadLetterTopicName, type JobRun, topics } from '@velocast/schemas'
import { Kafka, logLevel } from 'kafkajs'
import { connectKafka, partitionOf } from './index.ts'
import type { KafkaClient, ReceivedRecord } from './types.ts'

const brokers = (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(',')
const registryUrl = process.env.SCHEMA_REGISTRY_URL ?? 'http://127.0.0.1:8081/apis/ccompat/v7'

/** Recent: the broker deletes what is older than its topic keeps, at a moment of its own choice. */
const now = Date.now()

const alert = (systemId: string, alertName: string): Alert => ({
  systemId,
  alert: alertName,
  raisedAt: now,
  severity: 'INFO',
  resolved: false,
  summary: 'summary',
  action: 'action',
  resolvedAt: null,
})

const waitFor = async (fact: () => boolean, what: string, withinMs = 180_000): Promise<void> => {
  const deadline = Date.now() + withinMs
  while (!fact()) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('stages on a real broker', () => {
  const topicPrefix = `test-${randomUUID()}-`
  let kafka: KafkaClient
  const raw = new Kafka({ brokers, logLevel: logLevel.NOTHING })

  before(async () => {
    kafka = connectKafka({
      brokers,
      registryUrl,
      clientId: 'test',
      topicPrefix,
      partitions: 3,
      clock: systemClock,
      log: createLogger('test', process.env.LOG_LEVEL ?? 'silent'),
    })
    await kafka.createTopics()
  })

  after(async () => {
    await kafka.close()
    const admin = raw.admin()
    await admin.connect()
    const mine = (await admin.listTopics()).filter((name) => name.startsWith(topicPrefix))
    await admin.deleteTopics({ topics: mine })
    await admin.disconnect()
  })

  it('creates the catalogue once, and leaves what is there', async () => {
    assert.deepEqual(await kafka.createTopics(), { created: [] })
  })

  it('hands records over in order, retries what is unavailable, and dead-letters what is refused', async () => {
    const producer = await kafka.openProducer()
    const names = Array.from({ length: 500 }, (_, index) => `alert-${index}`)
    await producer.send(names.map((name) => ({ topic: topics.alerts, value: alert('city', name) })))
    const garbage = raw.producer()
    await garbage.connect()
    await garbage.send({
      topic: kafka.topicName('alerts'),
      messages: [
        {
          partition: partitionOf('city', 3),
          key: 'city/x',
          value: 'this is not Avro',
          headers: { who: 'me' },
        },
      ],
    })
    await garbage.disconnect()
    await producer.send([{ topic: topics.alerts, value: alert('city', 'after') }])

    const seen: string[] = []
    let failures = 0
    const stage = await kafka.runBatches({
      group: 'alerts-test',
      from: [topics.alerts],
      maxRecords: 100,
      async handle(records) {
        if (failures < 2) {
          failures += 1
          throw new UnavailableError('a database', new Error('away'))
        }
        seen.push(...records.map((record: ReceivedRecord<Alert>) => record.value.alert))
        return records
          .filter((record) => record.value.alert === 'alert-7')
          .map((record) => ({ record, reason: 'invalid' as const, detail: 'seven' }))
      },
    })
    await waitFor(() => seen.includes('after'), 'the last record')
    assert.deepEqual(seen, [...names, 'after'])
    await stage.stop()
    await stage.stopped

    const letters: { headers: Record<string, string>; value: string }[] = []
    const reader = raw.consumer({ groupId: `${topicPrefix}letters` })
    await reader.connect()
    await reader.subscribe({ topics: [kafka.topicName(deadLetterTopicName('alerts'))], fromBeginning: true })
    await reader.run({
      eachMessage: async ({ message }) => {
        letters.push({
          headers: Object.fromEntries(Object.entries(message.headers ?? {}).map(([k, v]) => [k, String(v)])),
          value: String(message.value),
        })
      },
    })
    await waitFor(() => letters.length >= 2, 'two dead letters')
    await reader.disconnect()
    const notAvro = letters.find((letter) => letter.headers['velocast-reason'] === 'not-avro')
    assert.equal(notAvro?.value, 'this is not Avro')
    assert.equal(notAvro?.headers.who, 'me')
    assert.equal(notAvro?.headers['velocast-offset'], '500')
    assert.equal(letters.filter((letter) => letter.headers['velocast-reason'] === 'invalid').length, 1)
    await producer.close()
  })

  it('goes on after the committed offset, and ends with the error of a handler that has a bug', async () => {
    const producer = await kafka.openProducer()
    await producer.send([{ topic: topics.alerts, value: alert('city', 'later') }])
    const seen: string[] = []
    const stage = await kafka.runBatches({
      group: 'alerts-test',
      from: [topics.alerts],
      async handle(records) {
        seen.push(...records.map((record) => record.value.alert))
        throw new TypeError('a bug')
      },
    })
    await assert.rejects(stage.stopped, /a bug/)
    assert.deepEqual(seen, ['later'])
    await stage.stop()
    await producer.close()
  })

  it('follows a topic from the beginning, says when it has caught up, and sees what comes then', async () => {
    const seen: string[] = []
    const follower = await kafka.follow({
      topics: [topics.alerts],
      from: 'beginning',
      systemIds: ['city'],
      onRecords: (records) => {
        seen.push(...records.map((record) => record.value.alert))
      },
    })
    await follower.caughtUp
    assert.equal(seen.length, 502)
    const producer = await kafka.openProducer()
    await producer.send([{ topic: topics.alerts, value: alert('city', 'live') }])
    await waitFor(() => seen.at(-1) === 'live', 'the live record')
    await follower.stop()
    await producer.close()
  })

  it('runs jobs one at a time, outside the callback, and begins none twice', async () => {
    const run = (runId: string): JobRun => ({
      systemId: 'city',
      job: 'test',
      runId,
      startedAt: now,
      endedAt: null,
      outcome: 'RUNNING',
      detail: null,
      figures: {},
    })
    const producer = await kafka.openProducer()
    await producer.send(['a', 'b', 'c'].map((runId) => ({ topic: topics.jobRuns, value: run(runId) })))
    const events: string[] = []
    const jobs = await kafka.runJobs({
      group: 'jobs-test',
      from: topics.jobRuns,
      async run(record) {
        events.push(`begin ${record.value.runId}`)
        await new Promise((resolve) => setTimeout(resolve, record.value.runId === 'a' ? 4_000 : 10))
        events.push(`end ${record.value.runId}`)
      },
    })
    await waitFor(() => events.length === 6, 'three jobs')
    assert.deepEqual(events, ['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c'])
    await jobs.stop()
    await producer.close()
  })
})
