import { openFiles, readCsvRows } from '@velocast/recordings'
import { localMoments } from './local-moments.ts'
import { type Trip, type TripRule, tripReader } from './read-trip.ts'
import { findTripColumns } from './trip-columns.ts'

export interface TripFilesOptions {
  timeZone: string
  onTrip: (trip: Trip | TripRule) => void
  onRead: (bytes: number) => void
  onNotice: (notice: string) => void
  signal: AbortSignal
}

/**
 * Hands over every trip of the files, also of those within archives. A file that begins with the same trip as one before is
 * its copy (the same month as .csv and in a .zip) and is left out, and said. Throws an error that names the file when one
 * is no trip file.
 */
export const readTripFiles = async (paths: readonly string[], options: TripFilesOptions): Promise<void> => {
  const { timeZone, onTrip, onRead, onNotice, signal } = options
  const momentsOf = localMoments(timeZone)
  const beginnings = new Map<string, string>()
  for (const path of paths)
    for await (const { name, bytes } of openFiles(path, { onRead, onNotice })) {
      let read: ReturnType<typeof tripReader> | null = null
      let isFirst = true
      let original: string | undefined
      for await (const rows of readCsvRows(bytes)) {
        signal.throwIfAborted()
        for (const row of rows) {
          if (read === null) read = readerOf(name, row, momentsOf)
          else {
            if (isFirst) {
              const beginning = row.join('\n')
              original = beginnings.get(beginning)
              beginnings.set(beginning, name)
              isFirst = false
            }
            if (original !== undefined) break
            onTrip(read(row))
          }
        }
        if (original !== undefined) break
      }
      if (original !== undefined)
        onNotice(
          `${name} is left out: it begins with the same trip as ${original}, and is taken for its copy`,
        )
    }
}

const readerOf = (
  name: string,
  header: readonly string[],
  momentsOf: ReturnType<typeof localMoments>,
): ReturnType<typeof tripReader> => {
  try {
    return tripReader(findTripColumns(header), momentsOf)
  } catch (error) {
    throw new Error(`${name} is no trip file: ${(error as Error).message}`, { cause: error })
  }
}
