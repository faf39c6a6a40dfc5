import { FeedError } from '../feed-error.ts'
import { type NoteOddity, shown } from './collect-oddities.ts'
import { isObject } from './read-envelope.ts'
import { looksLikeStation } from './specified-names.ts'

export interface StationEntry {
  value: unknown
  /** Its key, where stations come as an object by id. */
  key?: string
}

/**
 * The stations of a document: the list `data.stations`, or what stands in for it in feeds that are not quite GBFS. Throws a
 * FeedError when there is none.
 */
export const findStations = (document: unknown, note: NoteOddity): StationEntry[] => {
  const list = isObject(document) && isObject(document.data) ? document.data.stations : undefined
  if (Array.isArray(list)) {
    if (list.length === 0) note('no-stations', 'data.stations is empty')
    return list.map((value) => ({ value }))
  }
  for (const [place, found] of otherPlaces(document)) {
    const entries = entriesOf(found)
    if (entries === null) continue
    note('list-elsewhere', `${place} holds the stations`)
    return entries
  }
  throw new FeedError('not-as-specified', `the document has no list "data.stations": ${outline(document)}`)
}

const otherPlaces = (document: unknown): [place: string, found: unknown][] => {
  const whole: [string, unknown] = ['the document itself', document]
  if (!isObject(document)) return [whole]
  const { data } = document
  if (!isObject(data))
    return [
      ['"data"', data],
      ['"stations"', document.stations],
      // As portals of open data have it (Paris).
      ['"results"', document.results],
      ['"records"', fieldsOf(document.records)],
    ]
  const byLanguage = Object.entries(data).map(([language, block]): [string, unknown] => [
    `"data.${language}.stations"`,
    isObject(block) ? block.stations : undefined,
  ])
  return [['an object by id', data.stations], ['"stations"', document.stations], ...byLanguage]
}

/** Lists and objects by id; null for what is neither, or does not look like stations. */
const entriesOf = (found: unknown): StationEntry[] | null => {
  const entries = Array.isArray(found)
    ? found.map((value): StationEntry => ({ value }))
    : isObject(found)
      ? Object.entries(found).map(([key, value]): StationEntry => ({ value, key }))
      : []
  return entries.some(({ value }) => isObject(value) && looksLikeStation(value)) ? entries : null
}

const fieldsOf = (records: unknown): unknown =>
  Array.isArray(records) ? records.map((record) => (isObject(record) ? record.fields : record)) : records

const outline = (document: unknown): string => {
  if (!isObject(document)) return `it is ${shown(document)}`
  const { data } = document
  if (isObject(data) && 'stations' in data) return `"data.stations" is ${shown(data.stations)}`
  return isObject(data)
    ? `"data" holds ${Object.keys(data).slice(0, 8).join(', ') || 'nothing'}`
    : `it holds ${Object.keys(document).slice(0, 8).join(', ') || 'nothing'}`
}
