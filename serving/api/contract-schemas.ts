import { type Static, Type } from 'typebox'

export const StationOnlyPath = Type.Object({ station_id: Type.String({ maxLength: 200 }) })

/**
 * May be absent, or null, as many clients write what they do not know. The two types are one schema and no union: in a
 * union the server would read null as 0 or 0 as null, whichever it tries first.
 */
const optional = <T>(type: 'number' | 'integer' | 'string' | 'object', rest: object) =>
  Type.Optional(Type.Unsafe<T | null>({ ...rest, type: [type, 'null'] }))

const hoursAhead = { minimum: 1, maximum: 168, description: 'how many hours ahead' }

export const HoursAhead = Type.Object({ hours_ahead: Type.Integer({ ...hoursAhead, default: 24 }) })

/** In the query or in the body; the body wins. */
export const StartAndHours = Type.Object({
  hours_ahead: optional<number>('integer', hoursAhead),
  start_time: optional<string>('string', { description: 'ISO 8601; UTC where it has no offset' }),
})

const LegacyWeather = Type.Object({
  temperature: optional<number>('number', { minimum: -50, maximum: 60, description: '°C' }),
  feels_like: optional<number>('number', { description: '°C' }),
  humidity: optional<number>('number', { minimum: 0, maximum: 100, description: '%' }),
  wind_speed: optional<number>('number', { minimum: 0, description: 'm/s' }),
  precipitation: optional<number>('number', { minimum: 0, description: 'mm' }),
  weather_condition: optional<string>('string', {}),
  visibility: optional<number>('number', { minimum: 0, description: 'm' }),
  pressure: optional<number>('number', { minimum: 800, maximum: 1100, description: 'hPa' }),
})
export type LegacyWeather = Static<typeof LegacyWeather>

export const PredictBody = Type.Object({
  station_id: Type.String({ maxLength: 200 }),
  timestamp: optional<string>('string', {
    description: 'ISO 8601; UTC where it has no offset; an hour from now by default',
  }),
  weather_data: optional<LegacyWeather>('object', { properties: LegacyWeather.properties }),
})
export type PredictBody = Static<typeof PredictBody>

export const PredictBatchBody = Type.Object({
  predictions: Type.Array(PredictBody, { minItems: 1, maxItems: 100 }),
})

const ConfidenceInterval = Type.Object({
  lower: Type.Number(),
  upper: Type.Number(),
  confidence_level: Type.Number(),
})

export const ModelInfo = Type.Object({
  name: Type.String(),
  version: Type.String(),
  stage: Type.String(),
  run_id: Type.Union([Type.String(), Type.Null()]),
  loaded_at: Type.String(),
})

const target = Type.String({ description: 'what predicted_demand counts: bikes_available' })

export const LegacyPrediction = Type.Object({
  station_id: Type.String(),
  timestamp: Type.String(),
  predicted_demand: Type.Number({ description: 'expected bikes available' }),
  target,
  confidence_interval: ConfidenceInterval,
  model_info: ModelInfo,
  prediction_made_at: Type.String(),
})
export type LegacyPrediction = Static<typeof LegacyPrediction>

export const PredictBatchResult = Type.Object({
  predictions: Type.Array(LegacyPrediction),
  total_predictions: Type.Integer(),
  successful: Type.Integer(),
  failed: Type.Integer(),
  errors: Type.Array(
    Type.Object({ index: Type.Integer(), station_id: Type.String(), detail: Type.String() }),
    { description: 'why those that failed did' },
  ),
})

export const LegacyForecast = Type.Object({
  station_id: Type.String(),
  forecast_start: Type.String(),
  forecast_hours: Type.Integer(),
  target,
  forecasts: Type.Array(
    Type.Object({
      timestamp: Type.String(),
      hour_ahead: Type.Integer(),
      predicted_demand: Type.Number(),
      confidence_interval: ConfidenceInterval,
    }),
  ),
  model_info: ModelInfo,
  forecast_made_at: Type.String(),
})
export type LegacyForecast = Static<typeof LegacyForecast>
