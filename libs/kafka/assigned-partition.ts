import type { Clock } from '@velocast/runtime'
import type { PartitionProgress, PartitionTask, ReceivedRecord, RestoreReport } from './types.ts'

interface SidePosition {
  next: number
  /** Where the topic ended when last asked. */
  end: number
}

/** A partition that this member owns: its state, and how far its topics have been read. */
export interface AssignedPartition {
  partition: number
  task: PartitionTask<unknown>
  /** False for what a system left behind when the topics grew and it moved to another partition. */
  owns: (record: ReceivedRecord<{ systemId: string }>) => boolean
  sides: Map<string, SidePosition>
  /** Where the side topics end has been asked. */
  hasEnds: boolean
  /** What the group had committed when the partition was opened, -1: nothing; records before it are not published. */
  publishFrom: number
  committed: number
  /** The first input offset that the log still has. */
  low: number
  /** The next input offset to be handled; null while the state is being restored. */
  next: number | null
  /** The state is being asked where it begins. */
  beginning: Promise<void> | null
  restore: {
    openedAt: number
    snapshotsReadAt: number
    from: number
    isLogged: boolean
    isReported: boolean
  }
}

export const openPartition = (
  partition: number,
  task: PartitionTask<unknown>,
  sideNames: Iterable<string>,
  partitionOf: (systemId: string) => number,
  now: number,
): AssignedPartition => ({
  partition,
  task,
  owns: ownedBy(partition, partitionOf),
  sides: new Map([...sideNames].map((name) => [name, { next: 0, end: Number.POSITIVE_INFINITY }])),
  hasEnds: false,
  publishFrom: -1,
  committed: -1,
  low: 0,
  next: null,
  beginning: null,
  restore: { openedAt: now, snapshotsReadAt: now, from: 0, isLogged: false, isReported: false },
})

/** Records of one system come in runs. */
const ownedBy = (partition: number, partitionOf: (systemId: string) => number): AssignedPartition['owns'] => {
  let last = ''
  let isOwned = false
  return ({ value: { systemId } }) => {
    if (systemId !== last) {
      last = systemId
      isOwned = partitionOf(systemId) === partition
    }
    return isOwned
  }
}

export const isCaughtUp = ({ sides }: AssignedPartition): boolean => {
  for (const side of sides.values()) if (side.next < side.end) return false
  return true
}

/** Asks the state where it begins, once the sides are caught up. */
export const beginInput = async (each: AssignedPartition, clock: Clock): Promise<void> => {
  const publishFrom = Math.max(0, each.publishFrom)
  const from = await each.task.restoreFrom(publishFrom)
  each.next = Math.max(each.low, Math.min(from ?? 0, publishFrom))
  each.restore.snapshotsReadAt = clock.now()
  each.restore.from = each.next
}

/**
 * A snapshot that is taken before these records is published with what follows from them, and so after all that it holds
 * has been committed.
 */
export const progressOf = ({ next, publishFrom }: AssignedPartition): PartitionProgress => {
  const from = Math.max(0, publishFrom)
  return { publishFrom: from, snapshotOffset: next !== null && next >= from ? next - 1 : null }
}

/** How the state was restored, once and as soon as it is where publishing begins; else null. */
export const takeRestoreReport = (each: AssignedPartition, now: number): RestoreReport | null => {
  const { partition, restore, next, publishFrom } = each
  if (restore.isReported || next === null || next < publishFrom) return null
  restore.isReported = true
  return {
    partition,
    snapshotsMs: restore.snapshotsReadAt - restore.openedAt,
    replayMs: now - restore.snapshotsReadAt,
    replayedRecords: Math.max(0, publishFrom - restore.from),
  }
}
