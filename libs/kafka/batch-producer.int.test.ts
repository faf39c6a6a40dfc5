import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { UnavailableError } from '@velocast/runtime'
import { Kafka, logLevel } from 'kafkajs'
import { openBatchProducer } from './batch-producer.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import { fetchOffsets } from './topic-admin.ts'

const brokers = (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(',')
const topic = `test-${randomUUID()}`
const PRODUCE = 0

/** A broker that has just come up says that it is loading for a moment: whoever opens a producer asks again. */
const openOnceLoaded = (kafka: Kafka): ReturnType<typeof openBatchProducer> =>
  retryUntilAvailable(() =>
    openBatchProducer(kafka).catch((error) => {
      throw error.retriable ? new UnavailableError('the broker', error) : error
    }),
  )

describe('an idempotent producer of batches', () => {
  const raw = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = raw.admin()

  before(async () => {
    await admin.connect()
    await admin.createTopics({
      topics: [{ topic, numPartitions: 2, replicationFactor: -1 }],
      waitForLeaders: false,
    })
    await retryUntilAvailable(() => fetchOffsets(admin, topic))
  })
  after(async () => {
    await admin.deleteTopics({ topics: [topic] })
    await admin.disconnect()
  })

  const readAll = async (records: number): Promise<string[][]> => {
    const values: string[][] = [[], []]
    const consumer = raw.consumer({ groupId: `${topic}-${randomUUID()}` })
    const done = Promise.withResolvers<void>()
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        values[partition]!.push(`${message.key}=${message.value}`)
        if (values.flat().length >= records) done.resolve()
      },
    })
    await done.promise
    await consumer.disconnect()
    return values
  }

  it('writes once, and in order, what it sends again because the answer was lost', async () => {
    let answersToLose = 0
    let lost = 0
    const kafka = new Kafka({
      brokers,
      logLevel: logLevel.NOTHING,
      socketFactory: ({ port, host, onConnect }) => {
        const socket = connect({ port, host }, onConnect)
        breakAfterProduce(
          socket,
          () => answersToLose > 0 && answersToLose--,
          () => lost++,
        )
        return socket
      },
    })
    const producer = await openOnceLoaded(kafka)
    const valuesOf = (send: number) => Array.from({ length: 50 }, (_, index) => `key=${send}-${index}`)
    for (let send = 0; send < 6; send++) {
      if (send === 2 || send === 4) answersToLose = send / 2
      const records = valuesOf(send).map((text) => ({
        key: 'key',
        value: Buffer.from(text.slice(4)),
        timestamp: Date.now(),
      }))
      await producer.send(
        topic,
        new Map([
          [0, records],
          [1, records],
        ]),
      )
    }
    await producer.close()
    const expected = [0, 1, 2, 3, 4, 5].flatMap(valuesOf)
    assert.equal(lost, 3)
    assert.deepEqual(await readAll(2 * expected.length), [expected, expected])
    const ends = await admin.fetchTopicOffsets(topic)
    assert.deepEqual(
      ends.map(({ high }) => high),
      ['300', '300'],
    )
  })

  it('says which partition is not there', async () => {
    const producer = await openOnceLoaded(raw)
    const records = [{ key: null, value: Buffer.from('x'), timestamp: Date.now() }]
    await assert.rejects(producer.send(topic, new Map([[9, records]])), /no partition 9 of test-/)
    await producer.close()
  })
})

/** Lets a produce request through, and breaks the connection when its answer comes. */
const breakAfterProduce = (socket: Socket, isDue: () => unknown, onBreak: () => void): void => {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  socket.write = ((bytes: Buffer, ...rest: unknown[]) => {
    if (bytes.length > 6 && bytes.readInt16BE(4) === PRODUCE && isDue()) {
      const listeners = socket.listeners('data')
      socket.removeAllListeners('data')
      socket.once('data', () => {
        for (const listener of listeners) socket.on('data', listener as (data: Buffer) => void)
        onBreak()
        socket.destroy(new Error('broken by the test'))
      })
    }
    return write(bytes, ...rest)
  }) as Socket['write']
}
