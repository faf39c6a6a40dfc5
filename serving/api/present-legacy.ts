import type { ForecastAnswer } from './answer-forecast.ts'
import type { LegacyForecast, LegacyPrediction } from './contract-schemas.ts'
import { hourMs } from './forecast-targets.ts'
import type { ServingModel } from './load-model.ts'
import { isoTime } from './present-forecast.ts'
import { rounded } from './rounded.ts'

const TARGET = 'bikes_available'

export const presentPrediction = (answer: ForecastAnswer, now: number): LegacyPrediction => ({
  station_id: answer.stationId,
  timestamp: isoTime(answer.targets[0] as number),
  predicted_demand: rounded(answer.values.bikes_mean[0] as number),
  target: TARGET,
  confidence_interval: intervalAt(answer, 0),
  model_info: presentModel(answer.model),
  prediction_made_at: isoTime(now),
})

export const presentLegacyForecast = (answer: ForecastAnswer, now: number): LegacyForecast => ({
  station_id: answer.stationId,
  forecast_start: isoTime((answer.targets[0] as number) - hourMs),
  forecast_hours: answer.targets.length,
  target: TARGET,
  forecasts: answer.targets.map((targetAt, index) => ({
    timestamp: isoTime(targetAt),
    hour_ahead: index + 1,
    predicted_demand: rounded(answer.values.bikes_mean[index] as number),
    confidence_interval: intervalAt(answer, index),
  })),
  model_info: presentModel(answer.model),
  forecast_made_at: isoTime(now),
})

const intervalAt = ({ values }: ForecastAnswer, index: number) => ({
  lower: rounded(values.bikes_q05[index] as number),
  upper: rounded(values.bikes_q95[index] as number),
  confidence_level: 0.9,
})

export const presentModel = ({ promotion, loadedAt }: ServingModel) => ({
  name: promotion.modelName,
  version: promotion.modelVersion,
  stage: 'Production',
  run_id: promotion.runId,
  loaded_at: isoTime(loadedAt),
})
