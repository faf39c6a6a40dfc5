/**
 * Produce, version 7, of Kafka's protocol: batches of one topic, acknowledged by all in-sync replicas.
 * Source: https://kafka.apache.org/protocol.html#The_Messages_Produce
 */
import type { Broker } from './kafkajs-cluster.ts'

const API_KEY = 0
const API_VERSION = 7
const ALL_REPLICAS = -1
const REPLICAS_WITHIN_MS = 10_000

export interface PartitionAnswer {
  partition: number
  /** Of https://kafka.apache.org/protocol.html#protocol_error_codes; 0: acknowledged. */
  errorCode: number
}

/** Sends each partition its batch, and resolves with the broker's answer for each. */
export const produce = async (
  broker: Broker,
  topic: string,
  batches: ReadonlyMap<number, Buffer>,
): Promise<PartitionAnswer[]> => {
  const { answers } = await broker.connectionPool.send({
    request: {
      apiKey: API_KEY,
      apiVersion: API_VERSION,
      apiName: 'Produce',
      async encode() {
        const buffer = encodeRequest(topic, batches)
        return { buf: buffer, buffer }
      },
    },
    response: { decode: async (body) => decodeAnswers(body), parse: async (decoded) => decoded },
  })
  return answers
}

const encodeRequest = (topic: string, batches: ReadonlyMap<number, Buffer>): Buffer => {
  const head = Buffer.alloc(2 + 2 + 4 + 4 + 2 + Buffer.byteLength(topic) + 4)
  head.writeInt16BE(-1, 0) // no transaction
  head.writeInt16BE(ALL_REPLICAS, 2)
  head.writeInt32BE(REPLICAS_WITHIN_MS, 4)
  head.writeInt32BE(1, 8) // one topic
  head.writeInt16BE(Buffer.byteLength(topic), 12)
  head.write(topic, 14)
  head.writeInt32BE(batches.size, head.length - 4)
  const parts: Buffer[] = [head]
  for (const [partition, batch] of batches) {
    const entry = Buffer.allocUnsafe(8)
    entry.writeInt32BE(partition, 0)
    entry.writeInt32BE(batch.length, 4)
    parts.push(entry, batch)
  }
  return Buffer.concat(parts)
}

const ANSWER_BYTES = 4 + 2 + 8 + 8 + 8

const decodeAnswers = (body: Buffer): { answers: PartitionAnswer[]; clientSideThrottleTime: number } => {
  const answers: PartitionAnswer[] = []
  let at = 4
  for (let topics = body.readInt32BE(0); topics > 0; topics--) {
    at += 2 + body.readInt16BE(at)
    const partitions = body.readInt32BE(at)
    at += 4
    for (let index = 0; index < partitions; index++, at += ANSWER_BYTES)
      answers.push({ partition: body.readInt32BE(at), errorCode: body.readInt16BE(at + 4) })
  }
  return { answers, clientSideThrottleTime: body.readInt32BE(at) }
}
