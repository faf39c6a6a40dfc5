import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import xz from 'xz-decompress'
import { type RecordedDocument, readGbfsDocument } from './read-gbfs-document.ts'
import { readStatusCsv } from './read-status-csv.ts'
import { readTar } from './read-tar.ts'
import { createRecordingBuilder, type RecordedInformation, type Recording } from './recording.ts'

export interface LoadRecordingOptions {
  /** A folder with CSV (plain, gzip, xz), tar archives (plain, gzip) and documents; or one such file. */
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

const READABLE = /\.(csv|csv\.gz|csv\.xz|tar|tar\.gz|tgz|json)$/

/** Reads a recording as a stream. Throws an error that names the file when one cannot be read. */
export const loadRecording = async ({
  data,
  information: informationFile,
  onProgress = () => {},
}: LoadRecordingOptions): Promise<LoadedRecording> => {
  const builder = createRecordingBuilder()
  const information: RecordedInformation[] = []
  let system: LoadedRecording['system'] = { systemId: null, name: null, timeZone: null }

  const add = (document: RecordedDocument): void => {
    if (document.kind === 'information') information.push(document.information)
    else if (document.kind === 'system') system = document
    else if (document.kind === 'status')
      for (const row of document.rows) builder.addRow(document.recordedAt, row)
  }
  const addText = (text: string, origin: string): void => {
    try {
      add(readGbfsDocument(text))
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      onProgress(`${origin} is left out: it is not JSON (${error.message})`)
    }
  }
  const readFileInto = async (path: string): Promise<void> => {
    onProgress(`reading ${path}`)
    if (path.endsWith('.json')) addText(await readFile(path, 'utf8'), path)
    else if (/\.csv(\.\w+)?$/.test(path)) await readStatusCsv(bytesOf(path), builder)
    else
      for await (const file of readTar(bytesOf(path)))
        if (file.name.endsWith('.json')) addText(file.content.toString('utf8'), `${path}: ${file.name}`)
  }

  for (const path of [...(await filesOf(data)), ...(informationFile ? [informationFile] : [])])
    await readFileInto(path).catch((error: Error) => {
      throw new Error(`${path} cannot be read: ${error.message}`, { cause: error })
    })
  const { stationIds, snapshots, leftOut } = builder.finish()
  if (snapshots.length === 0)
    throw new Error(`${data} holds no recorded status: neither CSV with a snapshot_ts column nor documents.`)
  if (leftOut > 0) onProgress(`${leftOut} snapshots are left out: not later than the ones before them`)
  information.sort((a, b) => a.recordedAt - b.recordedAt)
  return { stationIds, snapshots, information, system }
}

/** By name, so that months come in order. */
const filesOf = async (data: string): Promise<string[]> => {
  const found = await stat(data).catch((error: Error) => {
    throw new Error(`The recording ${data} is not there: ${error.message}`, { cause: error })
  })
  if (!found.isDirectory()) return [data]
  const names = (await readdir(data)).filter((name) => READABLE.test(basename(name)))
  if (names.length === 0)
    throw new Error(`${data} holds no recording: .csv, .csv.gz, .csv.xz, .tar, .tar.gz and .json are read.`)
  return names.sort().map((name) => join(data, name))
}

const bytesOf = (path: string): AsyncIterable<Uint8Array> => {
  const file = createReadStream(path)
  if (/gz$/.test(path)) return file.pipe(createGunzip()).on('error', () => file.destroy())
  // liblzma as WebAssembly: neither a compiler nor the xz program is needed.
  if (path.endsWith('.xz')) return new xz.XzReadableStream(Readable.toWeb(file) as ReadableStream<Uint8Array>)
  return file
}
