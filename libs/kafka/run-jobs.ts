/**
 * The runner of long jobs: one record at a time, outside the consumer's callback. Its partition is paused meanwhile, the
 * member goes on fetching (nothing) and beating, and the offset moves when the job is done. A record can come again
 * (after a crash, or when the partition has moved): the job must be idempotent.
 */
import type { Consumer } from 'kafkajs'
import { coPartitionedAssigner } from './co-partitioned-assigner.ts'
import { type BatchContext, consume, withHeartbeats } from './consume.ts'
import { deadLetter } from './dead-letters.ts'
import { decodeRecords } from './decode-records.ts'
import { asUnavailable } from './is-kafka-error.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import { createRawProducer } from './topic-producer.ts'
import type { JobStage, ReceivedRecord, RunningStage } from './types.ts'

export const runJobs = <T>(internals: KafkaInternals, stage: JobStage<T>): RunningStage => {
  const { kafka, codec, clock, log, topicName } = internals
  const topic = topicName(stage.from.name)
  const producer = createRawProducer(kafka)
  const stopping = new AbortController()
  /**
   * Jobs under way, or done and not yet committed, by partition and offset, so that a record that comes again meanwhile is
   * not begun twice.
   */
  const underway = new Map<string, Promise<void>>()
  let lastJob: Promise<void> = Promise.resolve()
  let waitingFor: string | null = null

  const runJob = (record: ReceivedRecord<T>): Promise<void> => {
    const name = `${record.partition}/${record.offset}`
    let job = underway.get(name)
    if (!job) {
      job = lastJob.then(() =>
        retryUntilAvailable(() => stage.run(record, stopping.signal), {
          signal: stopping.signal,
          longestDelayMs: 10_000,
          onWait: (error) => {
            waitingFor = error.message
            log.warn({ group: stage.group, detail: error.message }, 'waiting')
          },
        }).finally(() => {
          waitingFor = null
        }),
      )
      underway.set(name, job)
      lastJob = job.catch(() => {})
    }
    return job
  }

  /** For as long as the broker is away, or until the group has been joined anew: then the record comes again, and is found done. */
  const moveOn = (
    consumer: Consumer,
    context: BatchContext,
    partition: number,
    offset: number,
  ): Promise<void> => {
    const next = String(offset + 1)
    return retryUntilAvailable(
      async () => {
        if (!context.isCurrent()) return
        try {
          await consumer.commitOffsets([{ topic, partition, offset: next }])
        } catch (error) {
          throw asUnavailable(error)
        }
        underway.delete(`${partition}/${offset}`)
        consumer.seek({ topic, partition, offset: next })
        consumer.resume([{ topic, partitions: [partition] }])
      },
      { signal: stopping.signal },
    )
  }

  const consumer = consume({
    kafka,
    clock,
    log,
    groupId: topicName(stage.group),
    topics: [topic],
    fromBeginning: true,
    assigner: coPartitionedAssigner(),
    onJoin: (assigned, joined) => joined.resume([{ topic, partitions: [...(assigned.get(topic) ?? [])] }]),
    async onBatch(payload, context) {
      const { partition, messages } = payload.batch
      const message = messages[0]!
      const { records, rejections } = await withHeartbeats(payload, () =>
        retryUntilAvailable(() => decodeRecords(codec, stage.from, partition, [message]), {
          signal: stopping.signal,
          onWait: (error) => context.waitFor(error.message),
        }),
      )
      context.waitFor(null)
      const letters = rejections.map((rejection) =>
        deadLetter(rejection, { consumer: stage.group, clock, topicName }),
      )
      if (letters.length > 0) await producer.send(letters, { signal: stopping.signal })
      const record = records[0]
      if (!record) {
        payload.resolveOffset(message.offset)
        await payload.commitOffsetsIfNecessary({
          topics: [{ topic, partitions: [{ partition, offset: String(Number(message.offset) + 1) }] }],
        })
        return
      }
      payload.pause()
      // Offsets may be moved from outside the callback as long as the group has not been joined anew.
      const isSameMember = context.isCurrent
      runJob(record)
        .then(() =>
          moveOn(context.consumer, { ...context, isCurrent: isSameMember }, partition, record.offset),
        )
        .catch((error) => {
          if (!stopping.signal.aborted) consumer.fail(error)
        })
    },
  })

  return {
    stopped: consumer.stopped,
    problem: () => waitingFor ?? consumer.problem(),
    stalled: consumer.stalled,
    assigned: consumer.assigned,
    async stop() {
      stopping.abort()
      await lastJob
      await consumer.stop()
      await producer.close()
    },
  }
}
