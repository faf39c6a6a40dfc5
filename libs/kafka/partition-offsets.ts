import type { AssignedPartition } from './assigned-partition.ts'
import type { KafkaInternals } from './kafka-internals.ts'
import { fetchCommitted, fetchOffsets } from './topic-admin.ts'
import type { PartitionStage } from './types.ts'

/** What a group's offset of a side topic carries: it is where the topic is needed from, not what has been handled. */
export const SIDE_COMMIT = 'needed-from'

export interface PartitionOffsets {
  /** Asks how far the group has got with these partitions, and where what it needs of them begins. */
  askCommitted: (asked: readonly AssignedPartition[]) => Promise<void>
  /** Asks where the side topics end now, for all these partitions. */
  askEnds: (asked: readonly AssignedPartition[]) => Promise<void>
}

/** What a stage with state asks the broker; `patiently` does it again for as long as the broker is away. */
export const createPartitionOffsets = (
  { admin, topicName }: Pick<KafkaInternals, 'admin' | 'topicName'>,
  stage: PartitionStage,
  patiently: <T>(work: () => Promise<T>) => Promise<T>,
): PartitionOffsets => {
  const inputName = topicName(stage.input.name)
  const offsetsOf = (name: string) => patiently(() => admin.use((client) => fetchOffsets(client, name)))
  const committedOf = (name: string) =>
    patiently(() => admin.use((client) => fetchCommitted(client, topicName(stage.group), name)))

  return {
    async askEnds(asked) {
      const names = new Set(asked.flatMap((each) => [...each.sides.keys()]))
      for (const name of names) {
        const offsets = new Map((await offsetsOf(name)).map((offset) => [offset.partition, offset]))
        for (const each of asked) {
          const side = each.sides.get(name)
          if (!side) continue
          const { low = 0, high = 0 } = offsets.get(each.partition) ?? {}
          side.end = high
          side.next = Math.max(side.next, low)
        }
      }
      for (const each of asked) each.hasEnds = true
    },

    async askCommitted(asked) {
      const [committed, offsets] = await Promise.all([committedOf(inputName), offsetsOf(inputName)])
      for (const each of asked) {
        each.publishFrom = committed.get(each.partition) ?? -1
        each.committed = each.publishFrom
        each.low = offsets.find(({ partition }) => partition === each.partition)?.low ?? 0
      }
      for (const { name } of stage.boundedSides ?? []) {
        const needed = await committedOf(topicName(name))
        for (const each of asked) {
          const position = each.sides.get(topicName(name))!
          position.next = Math.max(position.next, needed.get(each.partition) ?? 0)
        }
      }
    },
  }
}
