import type { ForecastQuantity } from '@velocast/inference'
import type { ForecastAnswer } from './answer-forecast.ts'
import type { Forecast, ForecastPoint } from './api-schemas.ts'
import { hourMs } from './forecast-targets.ts'
import type { Knowledge } from './knowledge.ts'
import { type Quantity, quantities } from './v1/quantities.ts'

/** An answer in the words of the API, with the quantities that were asked for. */
export const presentForecast = (
  answer: ForecastAnswer,
  knowledge: Knowledge,
  chosen: readonly Quantity[] = quantities,
): Forecast => ({
  system_id: knowledge.system.systemId,
  station_id: answer.stationId,
  name: knowledge.stations.get(answer.stationId)?.name ?? null,
  capacity: answer.capacity,
  as_of: isoTime(answer.asOf),
  data_age_seconds: answer.dataAgeSeconds,
  model: { name: answer.model.promotion.modelName, version: answer.model.promotion.modelVersion },
  degraded: answer.reasons.length > 0,
  reasons: answer.reasons,
  forecasts: answer.targets.map((targetAt, index) => presentPoint(answer, targetAt, index, chosen)),
})

const presentPoint = (
  { asOf, values }: ForecastAnswer,
  targetAt: number,
  index: number,
  chosen: readonly Quantity[],
): ForecastPoint => {
  const at = (name: ForecastQuantity): number => rounded(values[name][index]!)
  /** Docks are not known where the operator publishes none. */
  const orNull = (name: ForecastQuantity): number | null =>
    Number.isNaN(values[name][index]) ? null : at(name)
  const point: ForecastPoint = {
    target_at: isoTime(targetAt),
    horizon_hours: rounded((targetAt - asOf) / hourMs),
  }
  for (const quantity of chosen)
    switch (quantity) {
      case 'bikes':
        point.bikes = {
          mean: at('bikes_mean'),
          q05: at('bikes_q05'),
          q50: at('bikes_q50'),
          q95: at('bikes_q95'),
        }
        break
      case 'docks':
        point.docks = {
          mean: orNull('docks_mean'),
          q05: orNull('docks_q05'),
          q50: orNull('docks_q50'),
          q95: orNull('docks_q95'),
        }
        break
      case 'bike_probability':
        point.bike_probability = at('p_bike')
        break
      case 'dock_probability':
        point.dock_probability = at('p_dock')
        break
      case 'departures':
        point.departures = at('departures_mean')
        point.departures_interval = { q05: at('departures_q05'), q95: at('departures_q95') }
        break
      case 'arrivals':
        point.arrivals = at('arrivals_mean')
        point.arrivals_interval = { q05: at('arrivals_q05'), q95: at('arrivals_q95') }
        break
    }
  return point
}

/** Four decimals are more than any forecast knows, and half the bytes of a float32 written out. */
export const rounded = (value: number): number => Math.round(value * 10_000) / 10_000

export const isoTime = (epochMs: number): string => new Date(epochMs).toISOString()
