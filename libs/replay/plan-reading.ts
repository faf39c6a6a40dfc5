import { type Database, firstPolledAt, type HistoryRange } from '@velocast/db'
import type { KafkaClient } from '@velocast/kafka'
import { topics } from '@velocast/schemas'
import { readLog } from './read-log.ts'

export type ReplaySource = 'auto' | 'log' | 'table'

export interface ReadingPlan {
  /** What is read from the table, first; null: nothing. */
  table: HistoryRange | null
  /** What is read from the log: records from `fromMs` on that became known after `afterPolledAt`; null: nothing. */
  log: { fromMs: number; afterPolledAt: number } | null
}

export interface ReadingRange {
  systemId: string
  /** What became known from here on is read, epoch milliseconds. */
  fromMs: number
  /** Up to this moment, not included. */
  toMs: number
}

/**
 * The log is what the live features were made of, so it is read wherever it reaches. What became known before its first
 * record is read from the table, that record's own poll included: a log that has begun to lose records may have half of it.
 */
export const planReading = async (
  { kafka, database }: { kafka: KafkaClient; database: Database },
  { systemId, fromMs, toMs }: ReadingRange,
  source: ReplaySource,
  signal: AbortSignal,
): Promise<ReadingPlan> => {
  const wholeTable = { systemId, from: fromMs, until: toMs - 1 }
  const wholeLog = { fromMs, afterPolledAt: Number.NEGATIVE_INFINITY }
  if (source === 'table') return { table: wholeTable, log: null }
  if (source === 'log') return { table: null, log: wholeLog }
  const inTable = await firstPolledAt(database, wholeTable)
  if (inTable === null) return { table: null, log: wholeLog }
  let inLog: number | null = null
  await readLog(kafka, { topic: topics.stationStatus, systemId, fromMs, signal }, async ([first]) => {
    inLog = first!.value.polledAt
    return 'enough'
  })
  if (inLog === null || inLog >= toMs) return { table: wholeTable, log: null }
  if (inLog <= inTable) return { table: null, log: wholeLog }
  return {
    table: { ...wholeTable, until: inLog },
    log: { fromMs, afterPolledAt: inLog },
  }
}
