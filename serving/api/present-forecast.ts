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

/** How a quantity is written: its numbers, what stands before each, and what behind the last. */
interface Written {
  readonly fields: readonly { readonly before: string; readonly column: ForecastQuantity }[]
  readonly end: string
}

const level = (name: 'bikes' | 'docks'): Written => ({
  fields: [
    { before: `,"${name}":{"mean":`, column: `${name}_mean` },
    { before: ',"q05":', column: `${name}_q05` },
    { before: ',"q50":', column: `${name}_q50` },
    { before: ',"q95":', column: `${name}_q95` },
  ],
  end: '}',
})

const flow = (name: 'departures' | 'arrivals'): Written => ({
  fields: [
    { before: `,"${name}":`, column: `${name}_mean` },
    { before: `,"${name}_interval":{"q05":`, column: `${name}_q05` },
    { before: ',"q95":', column: `${name}_q95` },
  ],
  end: '}',
})

const probability = (name: Quantity, column: ForecastQuantity): Written => ({
  fields: [{ before: `,"${name}":`, column }],
  end: '',
})

const written: Record<Quantity, Written> = {
  bikes: level('bikes'),
  docks: level('docks'),
  bike_probability: probability('bike_probability', 'p_bike'),
  dock_probability: probability('dock_probability', 'p_dock'),
  departures: flow('departures'),
  arrivals: flow('arrivals'),
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
