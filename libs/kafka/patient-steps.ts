import type { Topic } from '@velocast/schemas'
import type { EachBatchPayload, KafkaMessage } from 'kafkajs'
import { type BatchContext, withHeartbeats } from './consume.ts'
import { type DecodedRecords, decodeRecords } from './decode-records.ts'
import { retryUntilAvailable } from './retry-until-available.ts'
import type { RawMessage, RawProducer } from './topic-producer.ts'
import type { ValueCodec } from './value-codec.ts'

export interface PatientSteps {
  decode: (
    payload: EachBatchPayload,
    context: BatchContext,
    // biome-ignore lint/suspicious/noExplicitAny: topics of several types.
    topic: Topic<any>,
    messages: readonly KafkaMessage[],
  ) => Promise<DecodedRecords>
  /** Resolves when all replicas have the messages, or when they are no longer ours to publish. */
  publish: (
    payload: EachBatchPayload,
    context: BatchContext,
    messages: readonly RawMessage[],
  ) => Promise<void>
}

/** Steps that wait for as long as the registry or the broker is away, with heartbeats, while the partition is ours. */
export const createPatientSteps = (
  codec: ValueCodec,
  producer: RawProducer,
  signal: AbortSignal,
): PatientSteps => {
  const whileOurs = (context: BatchContext) => ({
    signal,
    onWait(error: Error) {
      context.waitFor(error.message)
      if (!context.isCurrent()) throw error
    },
  })
  return {
    async decode(payload, context, topic, messages) {
      const decoded = await withHeartbeats(payload, () =>
        retryUntilAvailable(
          () => decodeRecords(codec, topic, payload.batch.partition, messages),
          whileOurs(context),
        ),
      )
      context.waitFor(null)
      return decoded
    },
    async publish(payload, context, messages) {
      if (messages.length === 0) return
      await withHeartbeats(payload, () => producer.send(messages, whileOurs(context))).catch((error) => {
        if (context.isCurrent()) throw error
      })
      context.waitFor(null)
    },
  }
}
