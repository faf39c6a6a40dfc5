/**
 * The baseline of the benches of streams: the least that a kafkajs consumer can do to read observations, decode them, and
 * write something of the same size for each. It computes nothing, keeps no state, commits when it likes, and has nothing
 * that survives a crash, a bad record or a registry. kafkajs's defaults but for the fetch, which is as large as ours.
 */
import { avroType, parseAvro, schemaText } from '@velocast/schemas'
import { Kafka, logLevel } from 'kafkajs'

const { KAFKA_BROKERS = '', GROUP = '', FROM = '', TO = '', VALUE_BYTES = '320' } = process.env
const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: GROUP, maxBytesPerPartition: 2_000_000, maxWaitTimeInMs: 100 })
const producer = kafka.producer()
const reader = avroType('station-status')
const writer = parseAvro(schemaText('station-status'))
const resolver = reader.createResolver(writer)
const body = Buffer.alloc(Number(VALUE_BYTES) - 5)
/** One send is one batch a partition, and the broker refuses a batch of more than 1 MB. */
const CHUNK = Math.min(2_000, Math.floor(900_000 / (body.length + 60)))

await producer.connect()
await consumer.connect()
await consumer.subscribe({ topic: FROM, fromBeginning: true })
process.stdout.write(`${JSON.stringify({ msg: 'started' })}\n`)
await consumer.run({
  async eachBatch({ batch }) {
    for (let start = 0; start < batch.messages.length; start += CHUNK) {
      const messages = batch.messages.slice(start, start + CHUNK).map(({ key, value }) => {
        reader.fromBuffer(value!.subarray(5), resolver)
        return { key, value: Buffer.concat([value!.subarray(0, 5), body]), partition: batch.partition }
      })
      await producer.send({ topic: TO, messages, acks: -1 })
    }
  },
})
