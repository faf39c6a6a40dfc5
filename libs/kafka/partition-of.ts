import { partitionCount } from '@velocast/schemas'
import { Partitioners } from 'kafkajs'

const partitioner = Partitioners.DefaultPartitioner()
const known = new Map<string, number>()

/**
 * The partition of a system's records: murmur2 of the system's id as the Java client computes it, the same in every
 * topic, so that all that belongs to one city is in one partition of each.
 */
export const partitionOf = (systemId: string, partitions: number = partitionCount): number => {
  const key = `${partitions}/${systemId}`
  let partition = known.get(key)
  if (partition === undefined) {
    partition = partitioner({
      topic: '',
      partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 0,
        replicas: [],
        isr: [],
      })),
      message: { key: Buffer.from(systemId), value: null },
    })
    known.set(key, partition)
  }
  return partition
}
