import { rmSync } from 'node:fs'
import {
  type Database,
  type HistoryRange,
  readForecasts,
  readStatuses,
  readWeather,
  type Session,
} from '@velocast/db'
import { slotMs, warmUpMs } from '@velocast/features'
import { assembleRows, type RowAssembly } from './assemble-rows.ts'
import type { DatasetReport, DatasetRequest } from './dataset-request.ts'
import { finishChunk, fitDampingOnOldest } from './finish-rows.ts'
import { rateFor } from './horizon-grid.ts'
import { type HistoryExtent, measureHistory } from './measure-history.ts'
import { rowColumns } from './row-columns.ts'
import { createRowSpill, type RowSpill } from './row-spill.ts'
import { writeArrow } from './write-arrow.ts'

export type DatasetOutcome =
  | { ok: true; report: DatasetReport }
  /** There is not enough to train on; trying again at once ends the same way. */
  | { ok: false; code: string; detail: string }

const dayMs = 86_400_000
/** Whether a row is chosen is left to chance, of which 2 % are many standard deviations: a set is never larger than asked. */
const aimedShare = 0.98
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
    const rowsFrom = request.until - request.historyDays * dayMs
    const range: HistoryRange = {
      systemId: request.systemId,
      from: rowsFrom - warmUpMs,
      until: request.until,
    }
    const { firstObservedAt: readFrom, observations } = await measureHistory(session, range)
    // Before `rowsFrom` lies what features remember: none of it is a row's own.
    const extent = await measureHistory(session, { ...range, from: rowsFrom })
    if (readFrom === null || extent.firstObservedAt === null || extent.lastObservedAt === null)
      return tooLittle(`there is no observation of ${request.systemId}`, request)

    const spill = createRowSpill(`${request.outFile}.rows`, rowColumns.length)
    try {
      const assembly = assembleRows({
        system: request,
        readFrom,
        rowsFrom,
        until: request.until,
        seed: request.seed,
        rate: rateOf(request, extent),
        addRow: spill.add,
      })
      await takeIn(session, range, assembly, (read) => onProgress(read / observations))
      const rows = finish(request, spill, assembly)
      const days = (extent.lastObservedAt - extent.firstObservedAt) / dayMs
      if (rows < leastRows) {
        rmSync(request.outFile, { force: true })
        return tooLittle(
          `${rows} rows could be made of ${days.toFixed(1)} days of ${request.systemId}`,
          request,
        )
      }
      return {
        ok: true,
        report: {
          rows,
          stations: assembly.stationIds.length,
          observations,
          days,
          seconds: (performance.now() - startedAt) / 1000,
        },
      }
    } finally {
      spill.close()
    }
  })

const tooLittle = (found: string, { until }: DatasetRequest): DatasetOutcome => ({
  ok: false,
  code: 'too-little-history',
  detail:
    `${found} until ${new Date(until).toISOString()}, and ${leastRows} rows are the least: see that the producers and ` +
    'the sink run, fill in the past with `velocast backfill`, or wait for more history, and ask again',
})

const rateOf = (request: DatasetRequest, extent: HistoryExtent): number => {
  const spanSlots = (extent.lastObservedAt! - extent.firstObservedAt!) / slotMs
  return rateFor(request.maxRows * aimedShare, extent.stationSlots, spanSlots)
}

/** Merges observations with the weather that became known no later. */
const takeIn = async (
  session: Session,
  range: HistoryRange,
  assembly: RowAssembly,
  onRead: (observations: number) => void,
): Promise<void> => {
  const weather = takeWhileRead(readWeather(session, range), assembly.applyWeather)
  const forecasts = takeWhileRead(readForecasts(session, range), assembly.applyForecast)
  let read = 0
  for await (const statuses of readStatuses(session, range)) {
    for (const status of statuses) {
      if (weather.nextPolledAt() <= status.polledAt) await weather.takeUntil(status.polledAt)
      if (forecasts.nextPolledAt() <= status.polledAt) await forecasts.takeUntil(status.polledAt)
      assembly.observe(status)
    }
    read += statuses.length
    onRead(read)
  }
}

interface Merged {
  /** Not known before the first call of `takeUntil`: -Infinity; at the end Infinity. */
  nextPolledAt: () => number
  takeUntil: (polledAt: number) => Promise<void>
}

const takeWhileRead = <T extends { polledAt: number }>(
  source: AsyncGenerator<T[]>,
  take: (record: T) => void,
): Merged => {
  let some: T[] = []
  let index = 0
  let isDone = false
  return {
    nextPolledAt: () =>
      some[index]?.polledAt ?? (isDone ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY),
    takeUntil: async (polledAt) => {
      for (;;) {
        while (index < some.length && some[index]!.polledAt <= polledAt) take(some[index++]!)
        if (index < some.length || isDone) return
        const next = await source.next()
        isDone = next.done === true
        some = next.done ? [] : next.value
        index = 0
      }
    },
  }
}

const finish = (request: DatasetRequest, spill: RowSpill, assembly: RowAssembly): number => {
  const damping = fitDampingOnOldest(spill, assembly, request.trainShare)
  function* groups() {
    for (const chunk of spill.chunks.keys()) yield finishChunk(spill, chunk, assembly, damping)
  }
  return writeArrow(request.outFile, assembly.stationIds, groups())
}
