/**
 * Rows wait on the disk for their labels, which lie up to a week in their future, and for damped persistence, which is
 * fitted when all rows are there. In memory stay 20 bytes a row, however long the history. A chunk is kept column by
 * column, as it will be written.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'

/** What stays in memory of the rows of a chunk. */
export interface ChunkIndex {
  rows: number
  readonly station: Uint32Array
  /** Epoch milliseconds. */
  readonly asOf: Float64Array
  readonly targetAt: Float64Array
}

export interface RowSpill {
  /** `values` run along the columns. */
  readonly add: (station: number, asOf: number, targetAt: number, values: Float32Array) => void
  readonly chunks: readonly ChunkIndex[]
  /** The values of a chunk, `chunkRows` places a column whether filled or not; valid until the next call. No row can be added afterwards. */
  readonly read: (chunk: number) => Float32Array
  /** Removes the file. */
  readonly close: () => void
}

export const createRowSpill = (path: string, columnCount: number, chunkRows = 8_192): RowSpill => {
  const file = openSync(path, 'w+')
  const buffer = new Float32Array(columnCount * chunkRows)
  const chunks: ChunkIndex[] = []
  let held: number | null = null

  const flush = (): void => {
    if (held === null) return
    writeSync(file, buffer, 0, buffer.byteLength, held * buffer.byteLength)
    held = null
  }

  return {
    chunks,
    add: (station, asOf, targetAt, values) => {
      let chunk = chunks.at(-1)
      if (!chunk || chunk.rows === chunkRows) {
        flush()
        chunk = {
          rows: 0,
          station: new Uint32Array(chunkRows),
          asOf: new Float64Array(chunkRows),
          targetAt: new Float64Array(chunkRows),
        }
        held = chunks.push(chunk) - 1
      }
      const row = chunk.rows++
      chunk.station[row] = station
      chunk.asOf[row] = asOf
      chunk.targetAt[row] = targetAt
      for (let column = 0, at = row; column < columnCount; column++, at += chunkRows)
        buffer[at] = values[column]!
    },
    read: (chunk) => {
      flush()
      const bytes = new Uint8Array(buffer.buffer)
      let done = 0
      while (done < bytes.length) {
        const read = readSync(file, bytes, done, bytes.length - done, chunk * bytes.length + done)
        if (read === 0) throw new Error(`${path} ends before row chunk ${chunk} does`)
        done += read
      }
      return buffer
    },
    close: () => {
      closeSync(file)
      rmSync(path, { force: true })
    },
  }
}
