import { findFiles, readRecording } from '@velocast/recordings'
import { readRecordedDocument } from './read-recorded-document.ts'
import { createRecordingBuilder, type RecordedInformation, type Recording } from './recording.ts'

export interface LoadRecordingOptions {
  /** A folder with CSV, archives and documents, compressed or not; or one such file. */
  data: string
  /** A station_information document that lies elsewhere. */
  information?: string
  /** Hears of each file that is begun, and of what was left out. */
  onProgress?: (message: string) => void
}

export interface LoadedRecording extends Recording {
  /** From a system_information document, where there is one. */
  system: { systemId: string | null; name: string | null; timeZone: string | null }
}

/** Reads a recording as a stream. Throws an error that names the file when one cannot be read. */
export const loadRecording = async ({
  data,
  information: informationFile,
  onProgress = () => {},
}: LoadRecordingOptions): Promise<LoadedRecording> => {
  const builder = createRecordingBuilder()
  const information: RecordedInformation[] = []
  let system: LoadedRecording['system'] = { systemId: null, name: null, timeZone: null }

  // By name, so that months come in order.
  for (const path of await findFiles([data, ...(informationFile ? [informationFile] : [])])) {
    onProgress(`reading ${path}`)
    for await (const document of readRecording(path, { onNotice: onProgress })) {
      const read = readRecordedDocument(document)
      if (read.kind === 'information') information.push(read.information)
      else if (read.kind === 'system') system = read
      else if (read.kind === 'status') for (const row of read.rows) builder.addRow(document.recordedAt, row)
    }
  }
  const { stationIds, snapshots, leftOut } = builder.finish()
  if (snapshots.length === 0)
    throw new Error(`${data} holds no recorded status: neither CSV with a snapshot_ts column nor documents.`)
  if (leftOut > 0) onProgress(`${leftOut} snapshots are left out: not later than the ones before them`)
  information.sort((a, b) => a.recordedAt - b.recordedAt)
  return { stationIds, snapshots, information, system }
}
