import { momentOf } from './moment-of.ts'
import type { CsvRows } from './read-csv-rows.ts'
import type { RecordedDocument } from './recorded-document.ts'
import { findStatusColumns, type StatusColumns } from './status-columns.ts'

/**
 * Rows of recorded status as GBFS documents, one for each run of rows of the same moment. Throws when the first line names no
 * such columns; rows that cannot be one are passed over and counted in a notice.
 */
export async function* readStatusCsv(
  rows: CsvRows,
  onNotice: (notice: string) => void = () => {},
): AsyncGenerator<RecordedDocument> {
  let columns: StatusColumns | null = null
  let momentText = ''
  let moment: number | null = null
  let stations: Record<string, unknown>[] = []
  let unreadable = 0
  let example = ''
  for await (const some of rows) {
    for (const row of some) {
      if (columns === null) {
        columns = findStatusColumns(row)
        continue
      }
      const text = row[columns.moment] ?? ''
      if (text !== momentText) {
        if (moment !== null && stations.length > 0) yield statusDocument(moment, stations)
        momentText = text
        moment = momentOf(text)
        stations = []
      }
      if (moment === null || row.length <= lastColumn(columns)) {
        unreadable += 1
        example ||= row.join(',')
      } else stations.push(entryOf(row, columns))
    }
  }
  if (moment !== null && stations.length > 0) yield statusDocument(moment, stations)
  if (unreadable > 0) onNotice(`${unreadable} rows are no status, such as "${example}"`)
}

/** Recorders write flags as 1 and 0 and times in seconds, as this version does: the form of the CSV is no oddity of the feed. */
const VERSION = '1.1'

const statusDocument = (recordedAt: number, stations: Record<string, unknown>[]): RecordedDocument => ({
  kind: 'status',
  recordedAt,
  document: { last_updated: recordedAt / 1000, ttl: 0, version: VERSION, data: { stations } },
})

const lastColumn = ({ moment, fields }: StatusColumns): number => {
  let last = moment
  for (const { index } of fields) if (index > last) last = index
  return last
}

const entryOf = (row: readonly string[], { fields }: StatusColumns): Record<string, unknown> => {
  const entry: Record<string, unknown> = {}
  for (const { field, index } of fields) entry[field] = valueIn(field, row[index]!)
  return entry
}

/** What other programs write where there is nothing. */
const ABSENT = new Set(['', 'nan', 'NaN', 'null', 'NULL', 'None', 'NA', '\\N'])

/** Numbers as numbers; anything else as it is written, for the reader of GBFS to judge. */
const valueIn = (field: string, text: string): unknown => {
  if (field === 'station_id') return text
  const number = Number(text)
  if (text !== '' && !Number.isNaN(number)) return number
  return ABSENT.has(text) ? undefined : text
}
