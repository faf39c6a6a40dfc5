import { AssignerProtocol, type PartitionAssigner } from 'kafkajs'

const { MemberAssignment, MemberMetadata } = AssignerProtocol

/**
 * Gives partition n of every topic to the same member, so that what is known of a city is in one place. Members are
 * taken in the order of their ids; with the same members the assignment is the same.
 *
 * `only` keeps the member from partitions that it has no use for; it is for groups of one member.
 */
export const coPartitionedAssigner =
  (only?: ReadonlySet<number>): PartitionAssigner =>
  ({ cluster }) => ({
    name: 'velocast-co-partitioned',
    version: 0,
    async assign({ members, topics }) {
      const memberIds = members.map(({ memberId }) => memberId).sort()
      const assignments = memberIds.map((): Record<string, number[]> => ({}))
      for (const topic of topics)
        for (const { partitionId } of cluster.findTopicPartitionMetadata(topic)) {
          if (only && !only.has(partitionId)) continue
          const assignment = assignments[partitionId % memberIds.length]!
          assignment[topic] = [...(assignment[topic] ?? []), partitionId]
        }
      return memberIds.map((memberId, index) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version: 0,
          assignment: assignments[index]!,
          userData: Buffer.alloc(0),
        }),
      }))
    },
    protocol({ topics }) {
      return {
        name: this.name,
        metadata: MemberMetadata.encode({ version: this.version, topics, userData: Buffer.alloc(0) }),
      }
    },
  })
