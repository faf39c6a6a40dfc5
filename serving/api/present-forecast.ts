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
  const at = (list: readonly number[]): number => rounded(list[index] as number)
  return {
    target_at: isoTime(targetAt),
    horizon_hours: rounded((targetAt - asOf) / hourMs),
    bikes: {
      mean: at(values.bikesMean),
      q05: at(values.bikesQ05),
      q50: at(values.bikesQ50),
      q95: at(values.bikesQ95),
    },
    bike_probability: at(values.bikeProbability),
    dock_probability: at(values.dockProbability),
    departures: at(values.departuresMean),
  }
}

/** Four decimals are more than any forecast knows, and half the bytes of a float32 written out. */
export const rounded = (value: number): number => Math.round(value * 10_000) / 10_000

export const isoTime = (epochMs: number): string => new Date(epochMs).toISOString()
