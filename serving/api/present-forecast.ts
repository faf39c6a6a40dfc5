import type { ForecastQuantity } from '@velocast/inference'
import type { ForecastAnswer } from './answer-forecast.ts'
import type { Forecast, ForecastPoint } from './api-schemas.ts'
import { hourMs } from './forecast-targets.ts'
import type { Knowledge } from './knowledge.ts'

/** An answer in the words of the API. */
export const presentForecast = (answer: ForecastAnswer, knowledge: Knowledge): Forecast => ({
  system_id: knowledge.system.systemId,
  station_id: answer.stationId,
  name: knowledge.stations.get(answer.stationId)?.name ?? null,
  capacity: answer.capacity,
  as_of: isoTime(answer.asOf),
  data_age_seconds: answer.dataAgeSeconds,
  model: { name: answer.model.promotion.modelName, version: answer.model.promotion.modelVersion },
  degraded: answer.reasons.length > 0,
  reasons: answer.reasons,
  forecasts: answer.targets.map((targetAt, index) => presentPoint(answer, targetAt, index)),
})

const presentPoint = ({ asOf, values }: ForecastAnswer, targetAt: number, index: number): ForecastPoint => {
  const at = (name: ForecastQuantity): number => rounded(values[name][index]!)
  /** Docks are not known where the operator publishes none. */
  const orNull = (name: ForecastQuantity): number | null =>
    Number.isNaN(values[name][index]) ? null : at(name)
  return {
    target_at: isoTime(targetAt),
    horizon_hours: rounded((targetAt - asOf) / hourMs),
    bikes: { mean: at('bikes_mean'), q05: at('bikes_q05'), q50: at('bikes_q50'), q95: at('bikes_q95') },
    docks: {
      mean: orNull('docks_mean'),
      q05: orNull('docks_q05'),
      q50: orNull('docks_q50'),
      q95: orNull('docks_q95'),
    },
    bike_probability: at('p_bike'),
    dock_probability: at('p_dock'),
    departures: at('departures_mean'),
    departures_interval: { q05: at('departures_q05'), q95: at('departures_q95') },
    arrivals: at('arrivals_mean'),
    arrivals_interval: { q05: at('arrivals_q05'), q95: at('arrivals_q95') },
  }
}

/** Four decimals are more than any forecast knows, and half the bytes of a float32 written out. */
export const rounded = (value: number): number => Math.round(value * 10_000) / 10_000

export const isoTime = (epochMs: number): string => new Date(epochMs).toISOString()
