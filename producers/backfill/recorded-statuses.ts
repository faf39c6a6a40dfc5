import { findFiles, readInTimeOrder } from '@velocast/recordings'
import type { StationInformation, StationStatus } from '@velocast/schemas'
import { topics } from '@velocast/schemas'
import { pollRecording } from './poll-recording.ts'
import { sizeOfFiles } from './size-of-files.ts'

export interface RecordedStatusesOptions {
  systemId: string
  /** As for `backfillStatus`. */
  paths: readonly string[]
  onProgress?: (progress: { share: number; at: number }) => void
  onNotice?: (notice: string) => void
}

export interface RecordedStatuses {
  /** The observations of each snapshot, in the order in which the live producer would have published them. */
  readonly read: () => AsyncGenerator<StationStatus[]>
  /** When all is read: what the stations are. */
  readonly stations: ReadonlyMap<string, StationInformation>
  /** Snapshots, entries that could not be used, and documents that came too late or could not be read, so far. */
  readonly counts: Readonly<{ polls: number; rejected: number; leftOut: number }>
}

/** The observations that a back-fill of recorded snapshots publishes, without a log to publish them to. */
export const recordedStatuses = (options: RecordedStatusesOptions): RecordedStatuses => {
  const { systemId, paths, onProgress, onNotice } = options
  const stations = new Map<string, StationInformation>()
  const counts = { polls: 0, rejected: 0, leftOut: 0 }
  async function* read(): AsyncGenerator<StationStatus[]> {
    const files = await findFiles(paths)
    const bytes = await sizeOfFiles(files)
    const poller = pollRecording(systemId, new Map())
    let bytesRead = 0
    const documents = readInTimeOrder(files, {
      onRead: (count) => {
        bytesRead += count
      },
      onTooLate: () => {
        counts.leftOut += 1
      },
      ...(onNotice ? { onNotice } : {}),
    })
    for await (const document of documents) {
      if (document.kind !== 'status') {
        poller.learn(document)
        continue
      }
      const poll = poller.poll(document)
      if (poll === null) {
        counts.leftOut += 1
        continue
      }
      counts.polls += 1
      counts.rejected += poll.rejected
      const statuses: StationStatus[] = []
      for (const { topic, value } of poll.records)
        if (topic === topics.stationStatus) statuses.push(value as StationStatus)
        else if (topic === topics.stationInformation) {
          const station = value as StationInformation
          stations.set(station.stationId, station)
        }
      onProgress?.({ share: bytesRead / bytes, at: document.recordedAt })
      yield statuses
    }
  }
  return { read, stations, counts }
}
