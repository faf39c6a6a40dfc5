import type { OpenOptions } from './open-files.ts'
import { readRecording } from './read-recording.ts'
import type { RecordedDocument } from './recorded-document.ts'
import { sortWithin } from './sort-within.ts'

export interface TimeOrderOptions extends OpenOptions {
  /** Station entries that are held back to be sorted (default 50,000: 100 snapshots of 500 stations). */
  windowRows?: number
  /** Hears of each document that came too late to be sorted in, and was left out. */
  onTooLate?: (document: RecordedDocument) => void
}

interface Surveyed {
  path: string
  firstAt: number
  holdsFacts: boolean
}

/**
 * The documents of all files in the order of time, with flat memory. A first look at each file says when it begins; then those
 * that overlap are read side by side. The earliest facts of the stations come first even if they were recorded later:
 * most recordings hold one description, taken some time, and it is all there is for the time before, too.
 */
export async function* readInTimeOrder(
  paths: readonly string[],
  { windowRows = 50_000, onTooLate = () => {}, ...options }: TimeOrderOptions = {},
): AsyncGenerator<RecordedDocument> {
  const surveyed: Surveyed[] = []
  for (const path of paths) {
    const first = await firstOf(path)
    if (first) surveyed.push({ path, firstAt: first.recordedAt, holdsFacts: first.kind === 'information' })
  }
  const files = factsFirst(surveyed.sort((a, b) => a.firstAt - b.firstAt))
  yield* sortWithin(merge(files, options), { windowRows, onTooLate })
}

const firstOf = async (path: string): Promise<RecordedDocument | null> => {
  for await (const document of readRecording(path)) return document
  return null
}

const factsFirst = (files: readonly Surveyed[]): Surveyed[] => {
  const facts = files.find(({ holdsFacts }) => holdsFacts)
  const status = files.find(({ holdsFacts }) => !holdsFacts)
  if (!facts || !status || facts.firstAt <= status.firstAt) return [...files]
  return [{ ...facts, firstAt: Number.NEGATIVE_INFINITY }, ...files.filter((file) => file !== facts)]
}

/** By the time at which each file's next document was recorded; a file is opened when its turn comes. */
async function* merge(files: readonly Surveyed[], options: OpenOptions): AsyncGenerator<RecordedDocument> {
  const open: { documents: AsyncGenerator<RecordedDocument>; head: RecordedDocument }[] = []
  let next = 0
  const advance = async (documents: AsyncGenerator<RecordedDocument>): Promise<void> => {
    const { value, done } = await documents.next()
    if (!done) open.push({ documents, head: value })
  }
  const earliest = (): number => Math.min(...open.map(({ head }) => head.recordedAt))
  try {
    for (;;) {
      while (next < files.length && (open.length === 0 || files[next]!.firstAt <= earliest())) {
        const { path, firstAt } = files[next++]!
        await advance(from(readRecording(path, options), firstAt))
      }
      if (open.length === 0) return
      const moment = earliest()
      const [first] = open.splice(
        open.findIndex(({ head }) => head.recordedAt === moment),
        1,
      )
      yield first!.head
      await advance(first!.documents)
    }
  } finally {
    for (const { documents } of open) await documents.return(undefined)
  }
}

/** The first document is of the moment that its file counts from. */
async function* from(
  documents: AsyncGenerator<RecordedDocument>,
  firstAt: number,
): AsyncGenerator<RecordedDocument> {
  let isFirst = true
  for await (const document of documents) {
    yield isFirst ? { ...document, recordedAt: firstAt } : document
    isFirst = false
  }
}
