/**
 * The runner of stateless stages. At-least-once, in this order for every chunk of a partition's records:
 *   1. decode (a registry that is away is waited for)
 *   2. handle: its promise means that the effect is durable
 *   3. dead-letter what was rejected, acknowledged by all replicas
 *   4. resolve and commit the offset
 */
import type { EachBatchPayload, KafkaMessage } from 'kafkajs'
import { coPartitionedAssigner } from './co-partitioned-assigner.ts'
import { type BatchContext, consume, withHeartbeats } from './consume.ts'
import { deadLetter } from './dead-letters.ts'
import { decodeRecords } from './decode-records.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import { createRawProducer } from './topic-producer.ts'
import type { BatchStage, RunningStage } from './types.ts'

const MAX_RECORDS = 2_000

export const runBatches = (internals: KafkaInternals, stage: BatchStage): RunningStage => {
  const { kafka, codec, clock, log, topicName } = internals
  const topics = new Map(stage.from.map((topic) => [topicName(topic.name), topic]))
  const producer = createRawProducer(kafka)

  const handleChunk = async (
    payload: EachBatchPayload,
    messages: KafkaMessage[],
    context: BatchContext,
  ): Promise<boolean> => {
    const topic = topics.get(payload.batch.topic)!
    const effect = async (): Promise<void> => {
      const decoded = await decodeRecords(codec, topic, payload.batch.partition, messages)
      const refused = decoded.records.length > 0 ? await stage.handle(decoded.records) : []
      const letters = [...decoded.rejections, ...refused].map((rejection) =>
        deadLetter(rejection, { consumer: stage.group, clock, topicName }),
      )
      if (letters.length > 0) await producer.send(letters, { giveUpAfterMs: 0 })
    }
    await withHeartbeats(payload, () =>
      retryUntilAvailable(effect, {
        onWait: (error, attempt) => {
          context.waitFor(error.message)
          if (attempt === 1) log.warn({ group: stage.group, detail: error.message }, 'waiting')
          // Another member has the partition now: it does the work, and this attempt is given up.
          if (!context.isCurrent()) throw error
        },
      }),
    ).catch((error) => {
      if (context.isCurrent()) throw error
    })
    if (!context.isCurrent()) return false
    context.waitFor(null)
    payload.resolveOffset(messages.at(-1)!.offset)
    return true
  }

  const consumer = consume({
    kafka,
    clock,
    log,
    groupId: topicName(stage.group),
    topics: [...topics.keys()],
    fromBeginning: true,
    assigner: coPartitionedAssigner(),
    async onBatch(payload, context) {
      const { messages, topic, partition } = payload.batch
      const chunkSize = stage.maxRecords ?? MAX_RECORDS
      for (let start = 0; start < messages.length && payload.isRunning(); start += chunkSize) {
        const chunk = messages.slice(start, start + chunkSize)
        if (!(await handleChunk(payload, chunk, context))) return
        const offset = String(Number(chunk.at(-1)!.offset) + 1)
        await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] })
        await payload.heartbeat()
      }
    },
  })

  return {
    stopped: consumer.stopped,
    problem: consumer.problem,
    stalled: consumer.stalled,
    assigned: consumer.assigned,
    async stop() {
      await consumer.stop()
      await producer.close()
    },
  }
}
