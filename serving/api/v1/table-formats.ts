import { type AboutAnswer, presentHead } from './answer-head.ts'
import { mediaTypes } from './send-answer.ts'
import type { Table } from './table.ts'
import { csvHeader, csvRows } from './write-csv.ts'

/** The formats of flat rows. */
export const tableFormats = (table: () => Table, about: AboutAnswer) => ({
  [mediaTypes.csv]: () => {
    const { columns, rows } = table()
    return csvHeader(columns) + csvRows({ columns, rows })
  },
  [mediaTypes.arrow]: async () => {
    // Loaded when it is first asked for: it is large, and most never ask.
    const { openArrowStream } = await import('./write-arrow.ts')
    const { columns, rows } = table()
    const stream = openArrowStream(columns, arrowMetadata(about))
    return Buffer.concat([stream.batch(rows), stream.end()])
  },
})

/** What the JSON says of the whole answer, but for its age, which a header says. */
export const arrowMetadata = (about: AboutAnswer): Map<string, string> => {
  const { data_age_seconds: _, ...facts } = presentHead(about)
  return new Map(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
}
