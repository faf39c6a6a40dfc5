import type { ForecastQuantity } from '@velocast/inference'
import { remember } from '@velocast/runtime'
import type { ForecastAnswer } from './answer-forecast.ts'
import { createAsciiWriter } from './ascii-writer.ts'
import { hourMs } from './forecast-targets.ts'
import type { Knowledge } from './knowledge.ts'
import { type Quantity, quantities } from './v1/quantities.ts'

/**
 * An answer in the words of the API (`Forecast` of the schemas) as JSON, in two parts: what changes with time is in the first.
 * Written as text: an object for each target, and digits worked out for each number, would be most of what is done on the
 * event loop.
 */
export const forecastJson = (
  answer: ForecastAnswer,
  knowledge: Knowledge,
  chosen: readonly Quantity[] = quantities,
): [head: string, points: string] => {
  const head = JSON.stringify({
    system_id: knowledge.system.systemId,
    station_id: answer.stationId,
    name: knowledge.stations.get(answer.stationId)?.name ?? null,
    capacity: answer.capacity,
    as_of: isoTime(answer.asOf),
    data_age_seconds: answer.dataAgeSeconds,
    model: { name: answer.model.promotion.modelName, version: answer.model.promotion.modelVersion },
    degraded: answer.reasons.length > 0,
    reasons: answer.reasons,
  })
  return [head.slice(0, -1), pointsJson(answer, chosen)]
}

interface Field {
  readonly before: string
  readonly column: ForecastQuantity
}

/** How each quantity is written: its numbers, what stands before each, and what behind the last. */
const written: Record<Quantity, { fields: readonly Field[]; end: string }> = {
  bikes: {
    fields: [
      { before: ',"bikes":{"mean":', column: 'bikes_mean' },
      { before: ',"q05":', column: 'bikes_q05' },
      { before: ',"q50":', column: 'bikes_q50' },
      { before: ',"q95":', column: 'bikes_q95' },
    ],
    end: '}',
  },
  docks: {
    fields: [
      { before: ',"docks":{"mean":', column: 'docks_mean' },
      { before: ',"q05":', column: 'docks_q05' },
      { before: ',"q50":', column: 'docks_q50' },
      { before: ',"q95":', column: 'docks_q95' },
    ],
    end: '}',
  },
  bike_probability: { fields: [{ before: ',"bike_probability":', column: 'p_bike' }], end: '' },
  dock_probability: { fields: [{ before: ',"dock_probability":', column: 'p_dock' }], end: '' },
  departures: {
    fields: [
      { before: ',"departures":', column: 'departures_mean' },
      { before: ',"departures_interval":{"q05":', column: 'departures_q05' },
      { before: ',"q95":', column: 'departures_q95' },
    ],
    end: '}',
  },
  arrivals: {
    fields: [
      { before: ',"arrivals":', column: 'arrivals_mean' },
      { before: ',"arrivals_interval":{"q05":', column: 'arrivals_q05' },
      { before: ',"q95":', column: 'arrivals_q95' },
    ],
    end: '}',
  },
}

const { text, number, take } = createAsciiWriter()

const pointsJson = ({ asOf, targets, values }: ForecastAnswer, chosen: readonly Quantity[]): string => {
  text(',"forecasts":[')
  for (let index = 0; index < targets.length; index++) {
    const targetAt = targets[index]!
    text(index === 0 ? '{"target_at":"' : ',{"target_at":"')
    text(isoTime(targetAt))
    text('","horizon_hours":')
    number((targetAt - asOf) / hourMs)
    for (const quantity of chosen) {
      const { fields, end } = written[quantity]
      for (const { before, column } of fields) {
        text(before)
        // Docks are not known where the operator publishes none: JSON has null for what is no number.
        number(values[column][index]!)
      }
      text(end)
    }
    text('}')
  }
  text(']}')
  return take()
}

/** Targets are the same hours for station after station. */
const MOST_TIMES = 4_096

export const isoTime = remember(MOST_TIMES, (epochMs: number) => new Date(epochMs).toISOString())
