import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type OpenFile, type OpenOptions, openFiles } from './open-files.ts'
import { peekBytes } from './peek-bytes.ts'
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
  const { head, all } = await peekBytes(bytes, HEAD_BYTES)
  if (LINES.test(name)) yield* documentsInLines(all, name, onNotice)
  else if (JSON_NAME.test(name) || /^\s*[{[]/.test(head.toString())) {
    const content = await text(all)
    if (/}\r?\n\s*{/.test(content) && parse(content) instanceof SyntaxError)
      yield* documentsInLines(Readable.from([content]), name, onNotice)
    else yield* documentsIn(content, name, onNotice)
  } else yield* readStatusCsv(readCsvRows(all), (notice) => onNotice(`${name}: ${notice}`))
}

const HEAD_BYTES = 64
const LINES = /\.(jsonl|ndjson)(\.\w+)?$/i
const JSON_NAME = /\.json(\.\w+)?$/i

async function* documentsInLines(
  content: AsyncIterable<Uint8Array | string>,
  name: string,
  onNotice: (notice: string) => void,
): AsyncGenerator<RecordedDocument> {
  let line = 0
  const lines = createInterface({
    input: Readable.from(content),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  for await (const each of lines) {
    line += 1
    if (each.trim() !== '') yield* documentsIn(each, `line ${line} of ${name}`, onNotice)
  }
}

/** A document, or a list of them. */
function* documentsIn(
  content: string,
  name: string,
  onNotice: (notice: string) => void,
): Generator<RecordedDocument> {
  const parsed = parse(content)
  if (parsed instanceof SyntaxError) {
    onNotice(`${name} is left out: it is not JSON (${parsed.message})`)
    return
  }
  for (const each of Array.isArray(parsed) ? parsed : [parsed]) {
    const document = recordedDocument(each)
    if (document) yield document
    else
      onNotice(`${name} is left out: it holds neither stations nor anything about them, or does not say when`)
  }
}

const parse = (content: string): unknown => {
  try {
    return JSON.parse(content)
  } catch (error) {
    return error
  }
}
