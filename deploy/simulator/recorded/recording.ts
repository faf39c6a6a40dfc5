/**
 * A recording in memory: one set of columns a snapshot, 17 bytes a station. Three months of 500 stations every ten
 * minutes (4.3 million rows) are 75 MB so; as objects they would be gigabytes.
 */
import type { StationProfile, StationReport } from '../feed/feed-source.ts'

export interface RecordedSnapshot {
  /** `last_updated`, or when it was taken. */
  recordedAt: number
  /** Indexes into the recording's station ids. */
  stations: Uint16Array
  /** `COUNTS` numbers a station; ABSENT where there was none. */
  counts: Int16Array
  /** The bits of `FLAGS`. */
  flags: Uint8Array
  /** 0 where the station never said. */
  reportedSeconds: Int32Array
}

export interface RecordedInformation {
  recordedAt: number
  stations: readonly StationProfile[]
}

export interface Recording {
  stationIds: readonly string[]
  /** By `recordedAt`, ascending, no two the same. */
  snapshots: readonly RecordedSnapshot[]
  /** By `recordedAt`, ascending; may be empty. */
  information: readonly RecordedInformation[]
}

export const COUNTS = ['bikes', 'ebikes', 'docks', 'bikesDisabled', 'docksDisabled'] as const
export const FLAGS = { isInstalled: 1, isRenting: 2, isReturning: 4 } as const
export const ABSENT = -32_768

/** One station's row of the snapshot that is being read. */
export interface RecordedRow {
  stationId: string
  /** In the order of COUNTS. */
  counts: readonly number[]
  flags: number
  reportedSeconds: number
}

export interface RecordingBuilder {
  /** Rows of one snapshot come together; a snapshot that is not later than the one before is left out. */
  addRow: (recordedAt: number, row: RecordedRow) => void
  finish: () => { stationIds: string[]; snapshots: RecordedSnapshot[]; leftOut: number }
}

export const createRecordingBuilder = (): RecordingBuilder => {
  const indexes = new Map<string, number>()
  const stationIds: string[] = []
  const snapshots: RecordedSnapshot[] = []
  let openAt = Number.NaN
  let latestAt = Number.NEGATIVE_INFINITY
  let leftOut = 0
  let rows = 0
  let stations = new Uint16Array(1024)
  let counts = new Int16Array(1024 * COUNTS.length)
  let flags = new Uint8Array(1024)
  let reportedSeconds = new Int32Array(1024)

  const close = (): void => {
    if (rows === 0) return
    if (openAt > latestAt) {
      latestAt = openAt
      snapshots.push({
        recordedAt: openAt,
        stations: stations.slice(0, rows),
        counts: counts.slice(0, rows * COUNTS.length),
        flags: flags.slice(0, rows),
        reportedSeconds: reportedSeconds.slice(0, rows),
      })
    } else leftOut++
    rows = 0
  }

  const indexOf = (stationId: string): number => {
    const known = indexes.get(stationId)
    if (known !== undefined) return known
    if (stationIds.length > 65_535) throw new RangeError('A recording holds at most 65,536 stations.')
    indexes.set(stationId, stationIds.length)
    return stationIds.push(stationId) - 1
  }

  const grow = (): void => {
    stations = enlarged(stations, Uint16Array)
    counts = enlarged(counts, Int16Array)
    flags = enlarged(flags, Uint8Array)
    reportedSeconds = enlarged(reportedSeconds, Int32Array)
  }

  return {
    addRow: (recordedAt, row) => {
      if (recordedAt !== openAt) {
        close()
        openAt = recordedAt
      }
      if (rows === stations.length) grow()
      stations[rows] = indexOf(row.stationId)
      for (let count = 0; count < COUNTS.length; count++)
        counts[rows * COUNTS.length + count] = row.counts[count]!
      flags[rows] = row.flags
      reportedSeconds[rows] = row.reportedSeconds
      rows++
    },
    finish: () => {
      close()
      return { stationIds, snapshots, leftOut }
    },
  }
}

const enlarged = <T extends { length: number; set: (from: T) => void }>(
  array: T,
  ArrayOf: new (length: number) => T,
): T => {
  const larger = new ArrayOf(array.length * 2)
  larger.set(array)
  return larger
}

/** The reports of a snapshot as they were recorded, with the stations' times passed through `moved`. */
export const reportsOf = (
  { stationIds }: Pick<Recording, 'stationIds'>,
  snapshot: RecordedSnapshot,
  moved: (recordedAt: number) => number,
): StationReport[] => {
  const countOf = (row: number, count: number): number | null => {
    const value = snapshot.counts[row * COUNTS.length + count]!
    return value === ABSENT ? null : value
  }
  return Array.from(snapshot.stations, (station, row): StationReport => {
    const flags = snapshot.flags[row]!
    const reportedSeconds = snapshot.reportedSeconds[row]!
    return {
      stationId: stationIds[station]!,
      bikes: countOf(row, 0),
      ebikes: countOf(row, 1),
      docks: countOf(row, 2),
      bikesDisabled: countOf(row, 3),
      docksDisabled: countOf(row, 4),
      isInstalled: (flags & FLAGS.isInstalled) !== 0,
      isRenting: (flags & FLAGS.isRenting) !== 0,
      isReturning: (flags & FLAGS.isReturning) !== 0,
      reportedAt: reportedSeconds === 0 ? null : moved(reportedSeconds * 1000),
    }
  })
}
