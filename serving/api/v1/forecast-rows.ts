/** A forecast as flat rows, one a target: the same numbers as its JSON, but for the age, which a header says. */
import type { ForecastAnswer } from '../answer-forecast.ts'
import { hourMs } from '../forecast-targets.ts'
import type { Knowledge } from '../knowledge.ts'
import { rounded } from '../rounded.ts'
import { type Quantity, quantityColumns } from './quantities.ts'
import { boolean, type Cell, type Column, number, text, time } from './table.ts'

export const forecastColumns = (chosen: readonly Quantity[]): Column[] => [
  text('system_id'),
  text('station_id'),
  time('as_of'),
  text('model_name'),
  text('model_version'),
  boolean('degraded'),
  text('reasons'),
  time('target_at'),
  number('horizon_hours'),
  ...chosen.flatMap((quantity) => Object.keys(quantityColumns[quantity]).map(number)),
]

export const forecastRows = (
  answer: ForecastAnswer,
  knowledge: Knowledge,
  chosen: readonly Quantity[],
): Cell[][] => {
  const { asOf, values, reasons, model } = answer
  const names = chosen.flatMap((quantity) => Object.values(quantityColumns[quantity]))
  return answer.targets.map((targetAt, index) => [
    knowledge.system.systemId,
    answer.stationId,
    asOf,
    model.promotion.modelName,
    model.promotion.modelVersion,
    reasons.length > 0,
    reasons.join(' '),
    targetAt,
    rounded((targetAt - asOf) / hourMs),
    ...names.map((name) => {
      const value = values[name][index]!
      return Number.isNaN(value) ? null : rounded(value)
    }),
  ])
}
