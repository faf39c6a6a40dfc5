import { type Static, Type } from 'typebox'
import { orNull } from './api-schemas.ts'
import { ModelInfo } from './contract-schemas.ts'

const time = Type.String({ description: 'ISO 8601 in UTC' })

export const Health = Type.Object({
  status: Type.String(),
  timestamp: time,
  version: Type.String(),
  model_status: Type.String({ description: 'loaded or not_loaded' }),
  database_status: Type.String({
    description: 'as last seen: connected, disconnected, unknown, not_configured; no answer depends on it',
  }),
})

const ComponentStatus = Type.String({
  description: 'healthy, degraded or unhealthy; unknown before the first look; not_configured',
})

const Backend = Type.Object({
  status: ComponentStatus,
  connected: Type.Boolean(),
  checked_at: orNull(time),
  detail: orNull(Type.String({ description: 'why it does not answer' })),
})
export type Backend = Static<typeof Backend>

export const HealthDetailed = Type.Object({
  status: Type.String({
    description:
      'unhealthy: nothing can be forecast; degraded: forecasts go on, and something behind them is away or late',
  }),
  timestamp: time,
  version: Type.String(),
  components: Type.Object({
    api: Type.Object({ status: ComponentStatus, uptime_seconds: Type.Number() }),
    model: Type.Object({ status: ComponentStatus, loaded: Type.Boolean(), info: orNull(ModelInfo) }),
    database: Backend,
    mlflow: Backend,
    kafka: Backend,
    schema_registry: Backend,
    feature_freshness: Type.Object({
      status: ComponentStatus,
      systems: Type.Array(
        Type.Object({
          system_id: Type.String(),
          stations: Type.Integer({ description: 'stations that can be forecast' }),
          as_of: orNull(time),
          data_age_seconds: orNull(Type.Number()),
        }),
      ),
    }),
  }),
})
export type HealthDetailed = Static<typeof HealthDetailed>

const metric = (description: string) => orNull(Type.Number({ description }))

export const CurrentModel = Type.Object({
  model_info: ModelInfo,
  metrics: Type.Object({
    model_name: Type.String(),
    model_version: Type.String(),
    test_rmse: metric('bikes, on the newest rows, which the training has not seen'),
    test_mae: metric('bikes'),
    test_mape: metric('a share, of rows with bikes'),
    test_r2: metric('1 is perfect'),
    val_rmse: metric('null where the training reports no validation'),
    val_mae: metric('as above'),
    val_mape: metric('as above'),
    val_r2: metric('as above'),
  }),
  timestamp: time,
})
export type CurrentModel = Static<typeof CurrentModel>

export const Stats = Type.Object({
  total_predictions: Type.Integer({ description: 'moments predicted, each of a batch' }),
  total_forecasts: Type.Integer({ description: 'forecasts made hour by hour' }),
  average_response_time_ms: Type.Number({ description: 'of requests for predictions and forecasts' }),
  error_rate: Type.Number({ description: 'share of those requests answered with 4xx or 5xx' }),
  uptime_seconds: Type.Number(),
  timestamp: time,
  total_requests: Type.Integer({ description: 'requests for predictions and forecasts' }),
  client_errors: Type.Integer({ description: 'of these, answered with 4xx' }),
  server_errors: Type.Integer({ description: 'of these, answered with 5xx' }),
})
export type Stats = Static<typeof Stats>
