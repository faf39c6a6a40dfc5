import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type OpenFile, type OpenOptions, openFiles } from './open-files.ts'
import { readCsvRows } from './read-csv-rows.ts'
import { readStatusCsv } from './read-status-csv.ts'
import { type RecordedDocument, recordedDocument } from './recorded-document.ts'

/**
 * The recorded documents of one file, in the file's order: CSV, a GBFS document, one a line, or archives of these. What is
 * no such document is left out, and said. Throws an error that names the file when it cannot be read.
 */
export async function* readRecording(
  path: string,
  options: OpenOptions = {},
): AsyncGenerator<RecordedDocument> {
  try {
    for await (const file of openFiles(path, options))
      yield* documentsOf(file, options.onNotice ?? (() => {}))
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

async function* documentsOf(
  { name, bytes }: OpenFile,
  onNotice: (notice: string) => void,
): AsyncGenerator<RecordedDocument> {
  if (/\.csv(\.\w+)?$/i.test(name))
    yield* readStatusCsv(readCsvRows(bytes), (notice) => onNotice(`${name}: ${notice}`))
  else if (/\.(jsonl|ndjson)(\.\w+)?$/i.test(name)) {
    let line = 0
    for await (const content of createInterface({
      input: Readable.from(bytes),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      line += 1
      if (content.trim() !== '') yield* documentIn(content, `line ${line} of ${name}`, onNotice)
    }
  } else yield* documentIn(await text(bytes), name, onNotice)
}

function* documentIn(
  content: string,
  name: string,
  onNotice: (notice: string) => void,
): Generator<RecordedDocument> {
  let parsed: unknown
  try {
    parsed = JSON.parse(content)
  } catch (error) {
    onNotice(`${name} is left out: it is not JSON (${(error as Error).message})`)
    return
  }
  const document = recordedDocument(parsed)
  if (document) yield document
  else onNotice(`${name} is left out: it holds neither stations nor anything about them, or no last_updated`)
}
