/** A forecast of many stations, written piece by piece in one of the formats. */
import type { ForecastAnswer } from '../answer-forecast.ts'
import type { Knowledge } from '../knowledge.ts'
import { forecastJson } from '../present-forecast.ts'
import { type AboutAnswer, presentHead } from './answer-head.ts'
import { forecastColumns, forecastRows } from './forecast-rows.ts'
import type { Quantity } from './quantities.ts'
import { type MediaType, mediaTypes } from './send-answer.ts'
import { arrowMetadata } from './table-formats.ts'
import { csvHeader, csvRows } from './write-csv.ts'

export interface Unavailable {
  station_id: string
  type: string
  detail: string
}

export interface ForecastWriter {
  readonly begin: () => string | Buffer
  readonly stations: (answers: readonly ForecastAnswer[]) => string | Buffer
  /** Flat formats leave out the stations that cannot be forecast. */
  readonly end: (unavailable: readonly Unavailable[]) => string | Buffer
}

export const createForecastWriter = async (
  type: MediaType,
  knowledge: Knowledge,
  chosen: readonly Quantity[],
  about: AboutAnswer,
): Promise<ForecastWriter> => {
  const columns = forecastColumns(chosen)
  const rowsOf = (answers: readonly ForecastAnswer[]) =>
    answers.flatMap((answer) => forecastRows(answer, knowledge, chosen))
  if (type === mediaTypes.csv)
    return {
      begin: () => csvHeader(columns),
      stations: (answers) => csvRows({ columns, rows: rowsOf(answers) }),
      end: () => '',
    }
  if (type === mediaTypes.arrow) {
    const { openArrowStream } = await import('./write-arrow.ts')
    const stream = openArrowStream(columns, arrowMetadata(about))
    return {
      begin: () => '',
      stations: (answers) => (answers.length > 0 ? stream.batch(rowsOf(answers)) : ''),
      end: () => stream.end(),
    }
  }
  const head = JSON.stringify({ system_id: knowledge.system.systemId, ...presentHead(about) })
  let isFirst = true
  return {
    begin: () => `${head.slice(0, -1)},"stations":[`,
    stations: (answers) =>
      answers
        .map((answer) => {
          const comma = isFirst ? '' : ','
          isFirst = false
          const [head, points] = forecastJson(answer, knowledge, chosen)
          return comma + head + points
        })
        .join(''),
    end: (unavailable) => `],"unavailable":${JSON.stringify(unavailable)}}`,
  }
}
