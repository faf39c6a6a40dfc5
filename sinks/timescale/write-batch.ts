import { createRowWriter, type Database, distinctRows, requireMigrated, type TopicTable } from '@velocast/db'
import type { ReceivedRecord, Rejection } from '@velocast/kafka'
import type { Clock } from '@velocast/runtime'
import type { SinkTelemetry } from './telemetry.ts'
import { writeRecords } from './write-records.ts'

export interface BatchWriterOptions {
  database: Database
  tables: readonly TopicTable[]
  telemetry: SinkTelemetry
  clock: Clock
}

/**
 * Writes batches of records of one topic, and resolves with those that the database refuses once all others are durable.
 * Rejects with an UnavailableError while the database is away.
 */
export const createBatchWriter = (
  options: BatchWriterOptions,
): ((records: readonly ReceivedRecord[]) => Promise<Rejection[]>) => {
  const { database, telemetry, clock } = options
  const tables = new Map(options.tables.map((table) => [table.topic.name, table]))
  const writeRows = createRowWriter(database)
  let isChecked = false

  return async (records) => {
    // Not at the start of the process: a database that is away then is waited for like at any other time.
    if (!isChecked) await requireMigrated(database)
    isChecked = true
    const first = records[0]
    if (!first) return []
    const table = tables.get(first.topic.name)
    if (!table) throw new Error(`no table is declared for ${first.topic.name}`)
    const startedAt = clock.now()
    let rows = 0
    let changed = 0
    const rejections = await writeRecords(records, async (part) => {
      const distinct = distinctRows(
        table,
        part.map((record) => record.value),
      )
      changed += await writeRows(table, distinct)
      rows += distinct.length
    })
    const now = clock.now()
    telemetry.batchWritten({
      table: table.table,
      rows,
      changed,
      seconds: (now - startedAt) / 1000,
      newestEventAt: Math.max(...records.map((record) => record.eventAt)),
    })
    for (const rejection of rejections) telemetry.recordRejected(table.table, rejection)
    return rejections
  }
}
