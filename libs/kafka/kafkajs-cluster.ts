/**
 * kafkajs's own view of the brokers: connections, authentication, metadata. It is not part of its public interface, but
 * kafkajs 2.2.4 is its last release and we pin it, so what is here does not change under us.
 */
import type { Kafka } from 'kafkajs'

export interface Broker {
  initProducerId: (options: { transactionTimeout: number }) => Promise<{
    /** A 64-bit number in decimal. */
    producerId: string
    producerEpoch: number
  }>
  connectionPool: {
    /** Sends one request and resolves with what `response` makes of the answer. */
    send: <Decoded extends { clientSideThrottleTime: number }>(exchange: {
      request: {
        apiKey: number
        apiVersion: number
        apiName: string
        encode: () => Promise<{ buf: Buffer; buffer: Buffer }>
      }
      response: {
        decode: (body: Buffer) => Promise<Decoded>
        parse: (decoded: Decoded) => Promise<Decoded>
      }
    }) => Promise<Decoded>
  }
}

export interface Cluster {
  connect: () => Promise<void>
  disconnect: () => Promise<void>
  addTargetTopic: (topic: string) => Promise<void>
  refreshMetadata: () => Promise<void>
  refreshMetadataIfNecessary: () => Promise<void>
  /** By node. Partitions that are not there are left out. */
  findLeaderForPartitions: (topic: string, partitions: readonly number[]) => Record<string, number[]>
  findBroker: (node: { nodeId: string }) => Promise<Broker>
  findControllerBroker: () => Promise<Broker>
}

const METADATA_MAX_AGE_MS = 300_000

/** The cluster of this client's brokers, with connections of its own. */
export const openCluster = (kafka: Kafka): Cluster => {
  const createCluster = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  )
  if (!createCluster) throw new Error('This is not kafkajs 2.2.4: its client does not make clusters.')
  return (kafka as unknown as Record<symbol, (options: object) => Cluster>)[createCluster]!({
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
  })
}
