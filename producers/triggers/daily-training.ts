import type { System } from '@velocast/runtime'
import { type TrainingTrigger, topics } from '@velocast/schemas'
import type { Job, Publish } from '../job.ts'
import type { Schedule } from '../schedule/schedule.ts'

export interface TrainingCursor {
  /** The local date of the newest daily trigger, YYYY-MM-DD. */
  triggeredOn: string | null
  /** Nothing is owed from before: a system that has just been added has no history to train on. */
  since: number
}

/** Asks for a training when the system's schedule says so, at most once a local day, through changes of clocks too. */
export const dailyTraining = ({
  system: { systemId },
  schedule,
  publish,
}: {
  system: Pick<System, 'systemId'>
  schedule: Schedule
  publish: Publish
}): Job<TrainingCursor> => {
  const owed = (now: number, { triggeredOn, since }: TrainingCursor) => {
    const due = schedule.lastDue(now)
    if (due === null || (triggeredOn === null && due.dueAt < since)) return null
    return triggeredOn === null || due.localDate > triggeredOn ? due : null
  }
  return {
    name: 'training',
    isDue: ({ now, cursor }) => owed(now, cursor) !== null,
    runOnce: async ({ now, cursor }) => {
      const due = owed(now, cursor)
      if (due === null) return { published: 0, skipped: 1, cursor, reports: [] }
      // The moment it was due, not the moment it was noticed: two producers publish the same trigger.
      const trigger: TrainingTrigger = {
        systemId,
        triggerId: dailyTriggerId(systemId, due.localDate),
        cause: 'DAILY',
        triggeredAt: due.dueAt,
        policy: 'IF_BETTER',
        requestedBy: null,
        evidence: {},
      }
      await publish([{ topic: topics.trainingTriggers, value: trigger }], [])
      return { published: 1, skipped: 0, cursor: { ...cursor, triggeredOn: due.localDate }, reports: [] }
    },
  }
}

const dailyTriggerId = (systemId: string, localDate: string): string => `${systemId}:daily:${localDate}`

/** The local date in a daily trigger's id; null for other triggers. */
export const localDateOf = ({ systemId, triggerId }: TrainingTrigger): string | null => {
  const prefix = dailyTriggerId(systemId, '')
  return triggerId.startsWith(prefix) ? triggerId.slice(prefix.length) : null
}
