/**
 * The baseline of backfill-status: the least that can be done to get the lines of recorded files into a topic. Nothing is
 * read from them, nothing checked, sorted, closed by a poll, nor gone on with after a crash.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Kafka, logLevel } from 'kafkajs'

const { KAFKA_BROKERS = '', TO = '' } = process.env
const files = process.argv.slice(2)
const BATCH = 2_500
const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.NOTHING })
const producer = kafka.producer()
await producer.connect()
const startedAt = performance.now()
let lines = 0
let batch: { value: string; partition: number }[] = []
const send = async (): Promise<void> => {
  const messages = batch
  batch = []
  lines += messages.length
  await producer.send({ topic: TO, messages, acks: -1 })
}
const xz = spawn('xz', ['-dc', ...files], { stdio: ['ignore', 'pipe', 'inherit'] })
for await (const value of createInterface({ input: xz.stdout })) {
  batch.push({ value, partition: 0 })
  if (batch.length === BATCH) await send()
}
if (batch.length > 0) await send()
const seconds = (performance.now() - startedAt) / 1000
await producer.disconnect()
process.stdout.write(`${JSON.stringify({ lines, seconds })}\n`)
