/** What goes in and out over HTTP: validates requests, writes responses, and is the OpenAPI document. */
import { type Static, type TSchema, Type } from 'typebox'

export const time = (description: string) => Type.String({ format: 'date-time', description })
export const orNull = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()])

/** RFC 9457; clients of the old contract read `detail`. */
export const Problem = Type.Object({
  type: Type.String({ description: 'an address that describes the problem: see GET /problems' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String({ description: 'what is wrong and what to do' }),
  request_id: Type.Optional(Type.String({ description: 'of x-request-id, under which the log knows it' })),
})
export type Problem = Static<typeof Problem>

type ProblemStatus = 400 | 401 | 403 | 404 | 406 | 409 | 413 | 415 | 422 | 429 | 431 | 503

/** Responses that are problems, by their status. */
export const problems = (...statuses: ProblemStatus[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: problemMeanings[status], content: { 'application/problem+json': { schema: Problem } } },
    ]),
  )

const problemMeanings: Record<ProblemStatus, string> = {
  400: 'the address or the body is not well formed',
  401: 'a key or a token is needed, or the one shown is not good',
  403: 'the key or the token lacks the scope',
  404: 'there is no such system, station or version',
  406: 'none of the accepted formats',
  409: 'not as things are now',
  413: 'the body is too large',
  415: 'the body is not JSON by its content type',
  422: 'a parameter is wrong, or the moment is out of range',
  429: 'too many requests: Retry-After says when to come again',
  431: 'the head of the request, its address included, is too large',
  503: 'not yet: no model, or the station has not reported; or what it needs is away',
}

export const SystemPath = Type.Object({
  system: Type.String({ maxLength: 63, description: 'the system_id', examples: ['test-city'] }),
})

export const StationPath = Type.Object({
  ...SystemPath.properties,
  station: Type.String({
    maxLength: 200,
    description: 'the station_id, as the operator names it',
    examples: ['a'],
  }),
})

export const ModelName = Type.Object({ name: Type.String(), version: Type.String() })

const CountInterval = Type.Object(
  { q05: Type.Number(), q95: Type.Number() },
  { description: 'the 5 and 95 % quantiles' },
)

export const ForecastPoint = Type.Object({
  target_at: time('the moment that is forecast'),
  horizon_hours: Type.Number({ description: 'hours from as_of to target_at' }),
  bikes: Type.Optional(
    Type.Object(
      { mean: Type.Number(), q05: Type.Number(), q50: Type.Number(), q95: Type.Number() },
      { description: 'bikes that can be rented: the expected number, and the 5, 50 and 95 % quantiles' },
    ),
  ),
  docks: Type.Optional(
    Type.Object(
      {
        mean: orNull(Type.Number()),
        q05: orNull(Type.Number()),
        q50: orNull(Type.Number()),
        q95: orNull(Type.Number()),
      },
      { description: 'free docks, likewise; null where the operator publishes neither docks nor capacity' },
    ),
  ),
  bike_probability: Type.Optional(Type.Number({ description: 'probability of at least one bike' })),
  dock_probability: Type.Optional(Type.Number({ description: 'probability of at least one free dock' })),
  departures: Type.Optional(
    Type.Number({ description: 'expected departures in the hour that ends at target_at' }),
  ),
  departures_interval: Type.Optional(CountInterval),
  arrivals: Type.Optional(
    Type.Number({ description: 'expected arrivals in the hour that ends at target_at' }),
  ),
  arrivals_interval: Type.Optional(CountInterval),
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

export const ModelQuery = Type.Object({
  system: Type.Optional(
    Type.String({ maxLength: 63, description: 'the system_id; the first system by default' }),
  ),
})
