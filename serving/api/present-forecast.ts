import type { ForecastQuantity } from '@velocast/inference'
import { remember } from '@velocast/runtime'
import type { ForecastAnswer } from './answer-forecast.ts'
import { hourMs } from './forecast-targets.ts'
import type { Knowledge } from './knowledge.ts'
import { type Quantity, quantities } from './v1/quantities.ts'

/**
 * An answer in the words of the API (`Forecast` of the schemas) as JSON, with the quantities that were asked for. Written as
 * text: an object for each target, and digits worked out for each number, would be most of what is done on the event loop.
 */
export const forecastJson = (
  answer: ForecastAnswer,
  knowledge: Knowledge,
  chosen: readonly Quantity[] = quantities,
): string => {
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
  let points = ''
  for (let index = 0; index < answer.targets.length; index++)
    points += (index === 0 ? '' : ',') + pointJson(answer, index, chosen)
  return `${head.slice(0, -1)},"forecasts":[${points}]}`
}

const pointJson = ({ asOf, targets, values }: ForecastAnswer, index: number, chosen: readonly Quantity[]) => {
  /** Docks are not known where the operator publishes none: JSON has null for what is no number. */
  const at = (name: ForecastQuantity): string => roundedJson(values[name][index]!)
  const targetAt = targets[index]!
  let point = `{"target_at":"${isoTime(targetAt)}","horizon_hours":${roundedJson((targetAt - asOf) / hourMs)}`
  for (const quantity of chosen)
    switch (quantity) {
      case 'bikes':
        point += `,"bikes":{"mean":${at('bikes_mean')},"q05":${at('bikes_q05')},"q50":${at('bikes_q50')},"q95":${at('bikes_q95')}}`
        break
      case 'docks':
        point += `,"docks":{"mean":${at('docks_mean')},"q05":${at('docks_q05')},"q50":${at('docks_q50')},"q95":${at('docks_q95')}}`
        break
      case 'bike_probability':
        point += `,"bike_probability":${at('p_bike')}`
        break
      case 'dock_probability':
        point += `,"dock_probability":${at('p_dock')}`
        break
      case 'departures':
        point += `,"departures":${at('departures_mean')},"departures_interval":{"q05":${at('departures_q05')},"q95":${at('departures_q95')}}`
        break
      case 'arrivals':
        point += `,"arrivals":${at('arrivals_mean')},"arrivals_interval":{"q05":${at('arrivals_q05')},"q95":${at('arrivals_q95')}}`
        break
    }
  return `${point}}`
}

/** Four decimals are more than any forecast knows, and half the bytes of a float32 written out. */
export const rounded = (value: number): number => Math.round(value * 10_000) / 10_000

/** What is behind the point, for each ten-thousandth. */
const decimals = Array.from({ length: 10_000 }, (_, part) =>
  part === 0 ? '' : `.${String(part).padStart(4, '0').replace(/0+$/, '')}`,
)

/** Below it each ten-thousandth is a number of its own. */
const MOST_LOOKED_UP = 1e9

/** The text that `JSON.stringify` makes of `rounded(value)`: digits are looked up. */
export const roundedJson = (value: number): string => {
  if (!(value >= 0 && value < MOST_LOOKED_UP)) return JSON.stringify(rounded(value))
  const tenThousandths = Math.round(value * 10_000)
  const whole = Math.floor(tenThousandths / 10_000)
  return whole + decimals[tenThousandths - whole * 10_000]!
}

/** Targets are the same hours for station after station. */
const MOST_TIMES = 4_096

export const isoTime = remember(MOST_TIMES, (epochMs: number) => new Date(epochMs).toISOString())
