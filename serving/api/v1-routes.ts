import {
  Forecast,
  ForecastQuery,
  Model,
  ModelQuery,
  problems,
  StationPath,
  Stations,
  SystemPath,
  Systems,
} from './api-schemas.ts'
import { forecastTargets } from './forecast-targets.ts'
import { HttpProblem } from './http-problem.ts'
import { isKnownStation } from './knowledge.ts'
import type { Predictor, SystemPredictor } from './predictor.ts'
import { isoTime, presentForecast } from './present-forecast.ts'
import type { TypedApp } from './typed-app.ts'

const tags = ['v1']

export const addV1Routes = (app: TypedApp, predictor: Predictor): void => {
  const { systems, clock } = predictor

  const systemOf = (systemId: string): SystemPredictor => {
    const system = systems.get(systemId)
    if (!system) throw new HttpProblem(404, `There is no system "${systemId}". GET /v1/systems lists them.`)
    return system
  }

  app.get(
    '/v1/systems/:system/stations/:station/forecast',
    {
      config: { isForecast: true },
      schema: {
        tags,
        summary: 'What will be at a station, hour by hour',
        params: StationPath,
        querystring: ForecastQuery,
        response: { 200: Forecast, ...problems(404, 422, 503) },
      },
    },
    async ({ params, query }) => {
      const system = systemOf(params.system)
      if (!isKnownStation(system.knowledge, params.station))
        throw new HttpProblem(
          404,
          `System "${params.system}" has no station "${params.station}". GET /v1/systems/${params.system}/stations lists them.`,
        )
      const outcome = await predictor.forecast(system, {
        stationId: params.station,
        targetsFrom: (asOf) => forecastTargets(asOf, clock.now(), query.hours),
      })
      if (!outcome.ok) throw new HttpProblem(503, outcome.detail)
      return presentForecast(outcome.answer, system.knowledge)
    },
  )

  app.get(
    '/v1/systems',
    { schema: { tags, summary: 'The systems that are followed', response: { 200: Systems } } },
    async () => ({ systems: [...systems.values()].map((system) => presentSystem(system, clock.now())) }),
  )

  app.get(
    '/v1/systems/:system/stations',
    {
      schema: {
        tags,
        summary: "A system's stations",
        params: SystemPath,
        response: { 200: Stations, ...problems(404) },
      },
    },
    async ({ params }) => presentStations(systemOf(params.system)),
  )

  app.get(
    '/v1/model',
    {
      schema: {
        tags,
        summary: 'The model that answers',
        querystring: ModelQuery,
        response: { 200: Model, ...problems(404, 503) },
      },
    },
    async ({ query }) => {
      const [first = ''] = systems.keys()
      const system = systemOf(query.system ?? first)
      const { systemId } = system.knowledge.system
      const model = system.holder.current()
      if (!model) throw new HttpProblem(503, `No model has been promoted yet for system "${systemId}".`)
      const { promotion, bundle, loadedAt } = model
      return {
        system_id: systemId,
        name: promotion.modelName,
        version: promotion.modelVersion,
        run_id: promotion.runId,
        manifest_sha256: bundle.manifestSha256,
        fingerprint: bundle.manifest.fingerprint,
        features: bundle.manifest.features,
        outputs: bundle.manifest.outputs.map((output) => output.name),
        max_horizon_hours: bundle.manifest.maxHorizonHours,
        trained_at: isoTime(bundle.manifest.trainedAt),
        promoted_at: isoTime(promotion.promotedAt),
        loaded_at: isoTime(loadedAt),
        reason: promotion.reason,
        metrics: promotion.metrics,
      }
    },
  )
}

const presentSystem = ({ knowledge, holder }: SystemPredictor, now: number) => {
  const { system, vectors } = knowledge
  const asOf = vectors.newestAsOf()
  const promotion = holder.current()?.promotion
  return {
    system_id: system.systemId,
    name: system.name ?? null,
    time_zone: system.timeZone,
    stations: vectors.size(),
    as_of: asOf === null ? null : isoTime(asOf),
    data_age_seconds: asOf === null ? null : Math.max(0, Math.round((now - asOf) / 1000)),
    model: promotion ? { name: promotion.modelName, version: promotion.modelVersion } : null,
  }
}

const presentStations = ({ knowledge }: SystemPredictor) => {
  const { system, stations, vectors } = knowledge
  const bikesIndex = vectors.featureNames.indexOf('bikes')
  const stationIds = new Set([...stations.keys(), ...[...vectors.all()].map((row) => row.stationId)])
  return {
    system_id: system.systemId,
    stations: [...stationIds].map((stationId) => {
      const facts = stations.get(stationId)
      const known = vectors.get(stationId)
      return {
        station_id: stationId,
        name: facts?.name ?? null,
        latitude: facts?.latitude ?? null,
        longitude: facts?.longitude ?? null,
        capacity: facts?.capacity ?? null,
        bikes: known ? (known.vector[bikesIndex] as number) : null,
        as_of: known ? isoTime(known.asOf) : null,
      }
    }),
  }
}
