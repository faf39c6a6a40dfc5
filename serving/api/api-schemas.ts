/** What goes in and out over HTTP: validates requests, writes responses, and is the OpenAPI document. */
import { type Static, Type } from 'typebox'

const time = (description: string) => Type.String({ format: 'date-time', description })
const orNull = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(type: T) =>
  Type.Union([type, Type.Null()])

/** RFC 9457; clients of the old contract read `detail`. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String({ description: 'what is wrong and what to do' }),
})
export type Problem = Static<typeof Problem>

type ProblemStatus = 404 | 409 | 422 | 503

export const problems = (...statuses: ProblemStatus[]) =>
  Object.fromEntries(statuses.map((status) => [status, Problem])) as Record<ProblemStatus, typeof Problem>

export const SystemPath = Type.Object({
  system: Type.String({ maxLength: 63, description: 'the system_id' }),
})

export const StationPath = Type.Object({
  system: Type.String({ maxLength: 63, description: 'the system_id' }),
  station: Type.String({ maxLength: 200, description: 'the station_id, as the operator names it' }),
})

export const ForecastQuery = Type.Object({
  hours: Type.Integer({ minimum: 1, maximum: 168, default: 24, description: 'how many hours ahead' }),
})

const ModelName = Type.Object({ name: Type.String(), version: Type.String() })

const CountInterval = Type.Object(
  { q05: Type.Number(), q95: Type.Number() },
  { description: 'the 5 and 95 % quantiles' },
)

export const ForecastPoint = Type.Object({
  target_at: time('the moment that is forecast'),
  horizon_hours: Type.Number({ description: 'hours from as_of to target_at' }),
  bikes: Type.Object(
    { mean: Type.Number(), q05: Type.Number(), q50: Type.Number(), q95: Type.Number() },
    { description: 'bikes that can be rented: the expected number, and the 5, 50 and 95 % quantiles' },
  ),
  docks: Type.Object(
    {
      mean: orNull(Type.Number()),
      q05: orNull(Type.Number()),
      q50: orNull(Type.Number()),
      q95: orNull(Type.Number()),
    },
    { description: 'free docks, likewise; null where the operator publishes neither docks nor capacity' },
  ),
  bike_probability: Type.Number({ description: 'probability of at least one bike' }),
  dock_probability: Type.Number({ description: 'probability of at least one free dock' }),
  departures: Type.Number({ description: 'expected departures in the hour that ends at target_at' }),
  departures_interval: CountInterval,
  arrivals: Type.Number({ description: 'expected arrivals in the hour that ends at target_at' }),
  arrivals_interval: CountInterval,
})
export type ForecastPoint = Static<typeof ForecastPoint>

export const Forecast = Type.Object({
  system_id: Type.String(),
  station_id: Type.String(),
  name: orNull(Type.String()),
  capacity: orNull(Type.Number({ description: 'docks in all' })),
  as_of: time('the moment whose knowledge the forecast holds'),
  data_age_seconds: Type.Integer({ description: 'seconds since as_of' }),
  model: ModelName,
  degraded: Type.Boolean({ description: 'the answer is worse than it should be; reasons say why' }),
  reasons: Type.Array(Type.String(), {
    description: 'features_stale, weather_forecast_missing, horizon_beyond_training, short_history',
  }),
  forecasts: Type.Array(ForecastPoint),
})
export type Forecast = Static<typeof Forecast>

export const Systems = Type.Object({
  systems: Type.Array(
    Type.Object({
      system_id: Type.String(),
      name: orNull(Type.String()),
      time_zone: Type.String(),
      stations: Type.Integer({ description: 'stations that can be forecast' }),
      as_of: orNull(time('of the newest knowledge')),
      data_age_seconds: orNull(Type.Number()),
      model: Type.Union([ModelName, Type.Null()]),
    }),
  ),
})

export const Stations = Type.Object({
  system_id: Type.String(),
  stations: Type.Array(
    Type.Object({
      station_id: Type.String(),
      name: orNull(Type.String()),
      latitude: orNull(Type.Number()),
      longitude: orNull(Type.Number()),
      capacity: orNull(Type.Number()),
      bikes: orNull(Type.Number({ description: 'bikes that could be rented at as_of' })),
      as_of: orNull(time('of the newest report; null before the first')),
    }),
  ),
})

export const ModelQuery = Type.Object({
  system: Type.Optional(
    Type.String({ maxLength: 63, description: 'the system_id; the first system by default' }),
  ),
})

export const Model = Type.Object({
  system_id: Type.String(),
  name: Type.String(),
  version: Type.String(),
  run_id: orNull(Type.String()),
  manifest_sha256: Type.String({ description: "the bundle's address" }),
  fingerprint: Type.String({ description: 'of the features and their formulas' }),
  features: Type.Array(Type.String()),
  outputs: Type.Array(Type.String()),
  max_horizon_hours: Type.Number(),
  trained_at: time('of the training'),
  promoted_at: time('of the promotion'),
  loaded_at: time('from which it has answered here'),
  reason: Type.String({ description: 'why it was promoted' }),
  metrics: Type.Record(Type.String(), Type.Number()),
})
