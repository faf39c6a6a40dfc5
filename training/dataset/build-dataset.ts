import type { Database } from '@velocast/db'
import { databaseSource } from './database-source.ts'
import type { DatasetReport, DatasetRequest } from './dataset-request.ts'
import { horizonGrid } from './horizon-grid.ts'
import { type DatasetPart, removeParts, writeDataset } from './write-dataset.ts'

export type DatasetOutcome =
  | { ok: true; report: DatasetReport }
  /** There is not enough to train on; trying again at once ends the same way. */
  | { ok: false; code: string; detail: string }

const dayMs = 86_400_000
/** Fewer rows cannot be split into parts that mean anything. */
const leastRows = 2_000

/** `onProgress` is told the share of the observations that has been read, now and then. */
export const buildDataset = (
  database: Database,
  request: DatasetRequest,
  onProgress: (share: number) => void,
): Promise<DatasetOutcome> =>
  database.transaction(async (session) => {
    // One snapshot for all statements, whatever is written meanwhile.
    await session.query('set transaction isolation level repeatable read, read only')
    const startedAt = performance.now()
    const { until } = request
    const rows = { from: until - request.historyDays * dayMs, until }
    const part: DatasetPart = {
      outFile: request.outFile,
      horizons: horizonGrid,
      targets: rows,
      maxRows: request.maxRows,
    }
    const written = await writeDataset({
      source: databaseSource(session, request.systemId),
      system: request,
      rows,
      seed: request.seed,
      parts: [part],
      trainShare: request.trainShare,
      onProgress,
    })
    if (written === null) return tooLittle(`there is no observation of ${request.systemId}`, request)
    const [count = 0] = written.rows
    if (count < leastRows) {
      removeParts([part])
      return tooLittle(
        `${count} rows could be made of ${written.days.toFixed(1)} days of ${request.systemId}`,
        request,
      )
    }
    const seconds = (performance.now() - startedAt) / 1000
    return { ok: true, report: { ...written, rows: count, seconds } }
  })

const tooLittle = (found: string, { until }: DatasetRequest): DatasetOutcome => ({
  ok: false,
  code: 'too-little-history',
  detail:
    `${found} until ${new Date(until).toISOString()}, and ${leastRows} rows are the least: see that the producers and ` +
    'the sink run, fill in the past with `velocast backfill`, or wait for more history, and ask again',
})
