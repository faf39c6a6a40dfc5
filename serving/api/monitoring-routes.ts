import { ModelQuery, problems } from './api-schemas.ts'
import { HttpProblem } from './http-problem.ts'
import { knownSystem } from './known-system.ts'
import type { ServingModel } from './load-model.ts'
import { CurrentModel, Stats } from './monitoring-schemas.ts'
import { modelInUse } from './predictor.ts'
import { isoTime } from './present-forecast.ts'
import { presentModel } from './present-legacy.ts'
import type { RequestFigures } from './request-figures.ts'
import { rounded } from './rounded.ts'
import type { ServerOptions } from './server-options.ts'
import type { TypedApp } from './typed-app.ts'

const tags = ['monitoring']

export const addMonitoringRoutes = (app: TypedApp, { predictor, telemetry }: ServerOptions): void => {
  const { clock } = predictor
  const startedAt = clock.now()

  app.get(
    '/monitoring/models/current',
    {
      schema: {
        tags,
        summary: 'The model that answers, and how good it was when it was trained',
        querystring: ModelQuery,
        response: { 200: CurrentModel, ...problems(404, 422, 503) },
      },
    },
    async ({ query: { system } }) => {
      if (system !== undefined) knownSystem(predictor, system)
      const model = modelInUse(predictor, system)
      if (!model) throw new HttpProblem(503, 'No model has been promoted yet.')
      return presentCurrentModel(model, clock.now())
    },
  )
  app.get(
    '/monitoring/stats',
    { schema: { tags, summary: 'What this process has answered since its start', response: { 200: Stats } } },
    async () => presentStats(telemetry.figures(), startedAt, clock.now()),
  )
}

const presentCurrentModel = (model: ServingModel, now: number): CurrentModel => {
  const { modelName, modelVersion, metrics } = model.promotion
  return {
    model_info: presentModel(model),
    metrics: {
      model_name: modelName,
      model_version: modelVersion,
      test_rmse: metrics.rmse ?? null,
      test_mae: metrics.mae ?? null,
      test_mape: metrics.mape ?? null,
      test_r2: metrics.r2 ?? null,
      val_rmse: metrics.val_rmse ?? null,
      val_mae: metrics.val_mae ?? null,
      val_mape: metrics.val_mape ?? null,
      val_r2: metrics.val_r2 ?? null,
    },
    timestamp: isoTime(now),
  }
}

const presentStats = (figures: RequestFigures, startedAt: number, now: number): Stats => {
  const { requests, clientErrors, serverErrors } = figures
  return {
    total_predictions: figures.predictions,
    total_forecasts: figures.forecasts,
    average_response_time_ms: rounded(figures.averageResponseMs),
    error_rate: requests === 0 ? 0 : rounded((clientErrors + serverErrors) / requests),
    uptime_seconds: (now - startedAt) / 1000,
    timestamp: isoTime(now),
    total_requests: requests,
    client_errors: clientErrors,
    server_errors: serverErrors,
  }
}
