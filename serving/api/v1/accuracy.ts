import { Type } from 'typebox'
import { orNull, time } from '../api-schemas.ts'
import type { TypedApp } from '../typed-app.ts'
import { addRecordList } from './add-record-list.ts'
import { number, text, time as timeColumn } from './table.ts'
import type { V1Context } from './v1-context.ts'

const Accuracy = Type.Object({
  station_id: orNull(Type.String({ description: 'null: all stations of the system' })),
  model_name: Type.String(),
  model_version: Type.String(),
  horizon_minutes: Type.Integer({ description: 'how far ahead' }),
  window_start_at: time('of the first target'),
  window_end_at: time('after the last target'),
  count: Type.Integer({ description: 'forecasts that were judged' }),
  rmse: Type.Number({ description: 'root mean squared error, bikes' }),
  mae: Type.Number({ description: 'mean absolute error of the median, bikes' }),
  rmse_damped: Type.Number({ description: 'rmse of damped persistence over the same targets, bikes' }),
  coverage_90: Type.Number({ description: 'share of observations inside the 90 % interval' }),
  brier_bike: Type.Number({ description: 'Brier score of bike_probability' }),
  brier_dock: Type.Number({ description: 'Brier score of dock_probability' }),
})

export const addAccuracy = (app: TypedApp, context: V1Context): void =>
  addRecordList(app, context, {
    path: 'accuracy',
    name: 'accuracy',
    operationId: 'listAccuracy',
    summary: 'How good forecasts turned out to be, in the last days',
    emptyNote: 'No realised accuracy has been published in the last days: nothing is known, good or bad.',
    query: Type.Object({
      station: Type.Optional(
        Type.String({ maxLength: 200, description: 'of this station alone; else of the whole system' }),
      ),
      horizon_minutes: Type.Optional(Type.Integer({ minimum: 1, description: 'of this horizon alone' })),
    }),
    item: Accuracy,
    find: ({ accuracy }, { station, horizon_minutes }) =>
      accuracy
        .all()
        .filter(
          (each) =>
            each.stationId === (station ?? null) &&
            (horizon_minutes === undefined || each.horizonMinutes === horizon_minutes),
        ),
    keyOf: (each) => ({
      at: each.windowEndAt,
      id: `${each.modelName}/${each.modelVersion}/${String(each.horizonMinutes).padStart(6, '0')}`,
    }),
    present: (each) => ({
      station_id: each.stationId,
      model_name: each.modelName,
      model_version: each.modelVersion,
      horizon_minutes: each.horizonMinutes,
      window_start_at: each.windowStartAt,
      window_end_at: each.windowEndAt,
      count: each.count,
      rmse: each.rmse,
      mae: each.mae,
      rmse_damped: each.rmseDamped,
      coverage_90: each.coverage90,
      brier_bike: each.brierBike,
      brier_dock: each.brierDock,
    }),
    columns: [
      text('station_id'),
      text('model_name'),
      text('model_version'),
      number('horizon_minutes'),
      timeColumn('window_start_at'),
      timeColumn('window_end_at'),
      number('count'),
      number('rmse'),
      number('mae'),
      number('rmse_damped'),
      number('coverage_90'),
      number('brier_bike'),
      number('brier_dock'),
    ],
  })
