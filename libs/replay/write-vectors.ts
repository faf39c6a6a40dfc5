import { createRowWriter, type Database, distinctRows, topicTables } from '@velocast/db'
import { retryUntilAvailable } from '@velocast/kafka'
import type { Position } from './position.ts'
import type { VectorSink } from './replay-system.ts'
import { workSideBySide } from './work-side-by-side.ts'

export interface VectorWriter extends VectorSink {
  /** Rows that were new or had another value, so far. */
  changed: () => number
}

export interface WriterOptions {
  /** Resolves when so many more rows may be written. */
  pace: (rows: number) => Promise<void>
  /** All vectors up to `through` are written, so many by this writer. Called in order, one call at a time. */
  onWritten: (through: Position, vectors: number) => Promise<void>
  /** While the database is away. */
  onWait?: (detail: string) => void
  signal: AbortSignal
  /** Batches that are written at once. */
  connections?: number
}

const table = topicTables.stationFeatures

/**
 * Writes vectors into `station_features` as the sink does, so that it does not matter who comes first, or how often: by
 * COPY while no row is known, by an upsert that leaves equal rows alone otherwise.
 */
export const writeVectors = (database: Database, options: WriterOptions): VectorWriter => {
  const { pace, onWritten, onWait, signal, connections = 2 } = options
  const writeRows = createRowWriter(database)
  const batches: { through: Position; vectors: number }[] = []
  let changed = 0
  let written = 0
  let lastTold = Promise.resolve()
  const work = workSideBySide(connections, (index) => {
    const { through, vectors } = batches[index]!
    written += vectors
    const writtenThrough = written
    lastTold = lastTold.then(() => onWritten(through, writtenThrough))
    // It is awaited with the next batch, or at the end.
    lastTold.catch(() => {})
  })

  return {
    async take(vectors, through) {
      await pace(vectors.length)
      signal.throwIfAborted()
      await lastTold
      batches.push({ through, vectors: vectors.length })
      await work.add(async () => {
        const rows = distinctRows(table, vectors)
        changed += await retryUntilAvailable(() => writeRows(table, rows), {
          signal,
          onWait: (error) => onWait?.(error.message),
        })
      })
    },
    async finish() {
      await work.finish()
      await lastTold
    },
    changed: () => changed,
  }
}
