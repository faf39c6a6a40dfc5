/** One pass over a system's past, and out of it one file of rows or several. */
import { rmSync } from 'node:fs'
import { type SystemHistoryOptions, slotMs, warmUpMs } from '@velocast/features'
import { assembleRows, type RowAssembly } from './assemble-rows.ts'
import type { DatasetSource, Range } from './dataset-source.ts'
import { finishChunk, fitDampingOnOldest } from './finish-rows.ts'
import { type GridHorizon, rateFor } from './horizon-grid.ts'
import { rowColumns } from './row-columns.ts'
import { createRowSpill, type RowSpill } from './row-spill.ts'
import { writeArrow } from './write-arrow.ts'

/** One file: rows whose targets lie between two moments. */
export interface DatasetPart {
  /** Arrow IPC stream. */
  outFile: string
  horizons: readonly GridHorizon[]
  targets: Range
  maxRows: number
}

export interface WriteDatasetOptions {
  source: DatasetSource
  system: SystemHistoryOptions
  /** Rows are made as of these moments. */
  rows: Range
  seed: number
  /** Damped persistence is fitted on the first one. */
  parts: readonly [DatasetPart, ...DatasetPart[]]
  /** The share of the first part's rows, oldest first, that damped persistence is fitted on. */
  trainShare: number
  /** Is told the share of the observations that has been read, now and then. */
  onProgress: (share: number) => void
}

export interface WrittenDataset {
  /** By part. */
  rows: number[]
  stations: number
  observations: number
  /** The history that rows were made of. */
  days: number
}

const dayMs = 86_400_000
/** Whether a row is chosen is left to chance, of which 2 % are many standard deviations: a set is never larger than asked. */
const aimedShare = 0.98

/** Null when nothing was observed. */
export const writeDataset = async (options: WriteDatasetOptions): Promise<WrittenDataset | null> => {
  const { source, rows, parts, onProgress } = options
  // Before the first row lies what features remember: none of it is a row's own.
  const range: Range = { from: rows.from - warmUpMs, until: rows.until }
  const { firstObservedAt: readFrom, observations } = await source.measure(range)
  const extent = await source.measure(rows)
  if (readFrom === null || extent.firstObservedAt === null || extent.lastObservedAt === null) return null
  const spanSlots = (extent.lastObservedAt - extent.firstObservedAt) / slotMs

  const rateOf = async ({ horizons, targets, maxRows }: DatasetPart): Promise<number> => {
    const from = Math.max(targets.from, rows.from)
    const until = Math.min(targets.until, rows.until)
    const isWhole = from === rows.from && until === rows.until
    // Targets before the first observation and its horizon make no rows, whatever the window.
    const { stationSlots } = isWhole ? extent : await source.measure({ from, until })
    return rateFor(
      horizons,
      maxRows * aimedShare,
      stationSlots,
      isWhole ? spanSlots : Number.POSITIVE_INFINITY,
    )
  }

  const spills: RowSpill[] = []
  try {
    for (const { outFile } of parts) spills.push(createRowSpill(`${outFile}.rows`, rowColumns.length))
    const assembly = assembleRows({
      system: options.system,
      readFrom,
      rowsFrom: rows.from,
      seed: options.seed,
      parts: await Promise.all(
        parts.map(async (part, index) => ({
          horizons: part.horizons,
          targets: { from: part.targets.from, until: Math.min(part.targets.until, rows.until) },
          rate: await rateOf(part),
          addRow: spills[index]!.add,
        })),
      ),
    })
    await takeIn(source, range, assembly, (read) => onProgress(read / observations))
    const damping = fitDampingOnOldest(spills[0]!, assembly, options.trainShare)
    const written = parts.map(({ outFile }, index) => {
      const spill = spills[index]!
      function* groups() {
        for (const chunk of spill.chunks.keys()) yield finishChunk(spill, chunk, assembly, damping)
      }
      return writeArrow(outFile, assembly.stationIds, groups())
    })
    return {
      rows: written,
      stations: assembly.stationIds.length,
      observations,
      days: (extent.lastObservedAt - extent.firstObservedAt) / dayMs,
    }
  } finally {
    for (const spill of spills) spill.close()
  }
}

/** Removes the files of parts. */
export const removeParts = (parts: readonly DatasetPart[]): void => {
  for (const { outFile } of parts) rmSync(outFile, { force: true })
}

/** Merges observations with the weather that became known no later. */
const takeIn = async (
  source: DatasetSource,
  range: Range,
  assembly: RowAssembly,
  onRead: (observations: number) => void,
): Promise<void> => {
  const weather = takeWhileRead(source.weather(range), assembly.applyWeather)
  const forecasts = takeWhileRead(source.forecasts(range), assembly.applyForecast)
  let read = 0
  for await (const statuses of source.statuses(range)) {
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
  source: AsyncIterable<readonly T[]>,
  take: (record: T) => void,
): Merged => {
  const reading = source[Symbol.asyncIterator]()
  let some: readonly T[] = []
  let index = 0
  let isDone = false
  return {
    nextPolledAt: () =>
      some[index]?.polledAt ?? (isDone ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY),
    takeUntil: async (polledAt) => {
      for (;;) {
        while (index < some.length && some[index]!.polledAt <= polledAt) take(some[index++]!)
        if (index < some.length || isDone) return
        const next = await reading.next()
        isDone = next.done === true
        some = next.done ? [] : next.value
        index = 0
      }
    },
  }
}
