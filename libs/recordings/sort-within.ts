import { type RecordedDocument, stationsIn } from './recorded-document.ts'

export interface SortOptions {
  /** Station entries that are held back, so that what comes a little late finds its place. */
  windowRows: number
  onTooLate: (document: RecordedDocument) => void
}

/**
 * Documents in the order of time, however they come within the window; what comes later than that is left out, and said.
 * Status documents of the same moment, as recordings split by station have them, become one.
 */
export async function* sortWithin(
  documents: AsyncIterable<RecordedDocument>,
  { windowRows, onTooLate }: SortOptions,
): AsyncGenerator<RecordedDocument> {
  const held: RecordedDocument[] = []
  let rows = 0
  let releasedAt = Number.NEGATIVE_INFINITY
  const release = (): RecordedDocument => {
    const first = held.shift()!
    rows -= stationsIn(first).length
    releasedAt = first.recordedAt
    return first
  }
  for await (const document of documents) {
    if (isTooLate(document, releasedAt)) {
      onTooLate(document)
      continue
    }
    rows += stationsIn(document).length
    enter(held, document)
    while (rows > windowRows && held.length > 1) yield release()
  }
  while (held.length > 0) yield release()
}

/** A status of the moment released last would be a second poll of that moment; facts may well be of the same. */
const isTooLate = ({ kind, recordedAt }: RecordedDocument, releasedAt: number): boolean =>
  kind === 'status' ? recordedAt <= releasedAt : recordedAt < releasedAt

/** Documents are handed over for good: what joins another is added to it in place. */
const enter = (held: RecordedDocument[], document: RecordedDocument): void => {
  let at = held.length
  while (at > 0 && comesBefore(document, held[at - 1]!)) at--
  const before = held[at - 1]
  if (before?.kind === 'status' && document.kind === 'status' && before.recordedAt === document.recordedAt)
    stationsIn(before).push(...stationsIn(document))
  else held.splice(at, 0, document)
}

/** Facts come before the status of the same moment, which carries them. */
const comesBefore = (one: RecordedDocument, other: RecordedDocument): boolean =>
  one.recordedAt < other.recordedAt ||
  (one.recordedAt === other.recordedAt && one.kind !== 'status' && other.kind === 'status')
