import { type Database, readStatuses } from '@velocast/db'
import type { KafkaClient } from '@velocast/kafka'
import { type StationStatus, topics } from '@velocast/schemas'
import type { ReadingPlan } from './plan-reading.ts'
import type { Position } from './position.ts'
import { readLog } from './read-log.ts'

/** Some observations, in order, and where each was read. */
export interface KnownStatuses {
  statuses: readonly StationStatus[]
  part: Position['part']
  at: readonly number[]
}

/** Hands over a system's observations in the order in which they became known: those of the table, then those of the log. */
export const readStatusesInOrder = async (
  { kafka, database }: { kafka: KafkaClient; database: Database },
  plan: ReadingPlan,
  systemId: string,
  signal: AbortSignal,
  take: (known: KnownStatuses) => Promise<void>,
): Promise<void> => {
  const { table, log } = plan
  if (table)
    await database.transaction(async (session) => {
      // One snapshot for all of it, whatever is written meanwhile.
      await session.query('set transaction isolation level repeatable read, read only')
      for await (const statuses of readStatuses(session, table)) {
        signal.throwIfAborted()
        await take({ statuses, part: 'table', at: statuses.map(({ polledAt }) => polledAt) })
      }
    })
  if (log) {
    const range = { topic: topics.stationStatus, systemId, fromMs: log.fromMs, signal }
    await readLog(kafka, range, async (records) => {
      const later = records.filter(({ value }) => value.polledAt > log.afterPolledAt)
      await take({
        statuses: later.map(({ value }) => value),
        part: 'log',
        at: later.map(({ offset }) => offset),
      })
      return 'more'
    })
  }
}
