/**
 * The routes that clients of the system before Velocast rely on: same paths, parameters and fields. They know one city:
 * a station is looked for in every system, in the order in which the systems are configured.
 */
import { Type } from 'typebox'
import type { ForecastAnswer, ForecastOutcome, ForecastQuestion } from './answer-forecast.ts'
import { problems } from './api-schemas.ts'
import { changeWeather, type ExpectedWeather } from './change-weather.ts'
import {
  HoursAhead,
  LegacyForecast,
  LegacyPrediction,
  type LegacyWeather,
  PredictBatchBody,
  PredictBatchResult,
  PredictBody,
  StartAndHours,
  StationOnlyPath,
} from './contract-schemas.ts'
import { forecastTargets, hourMs, reachOf } from './forecast-targets.ts'
import { HttpProblem } from './http-problem.ts'
import { isKnownStation } from './knowledge.ts'
import { parseTime } from './parse-time.ts'
import type { SystemPredictor } from './predictor.ts'
import { presentLegacyForecast, presentPrediction } from './present-legacy.ts'
import type { ServerOptions } from './server-options.ts'
import type { TypedApp } from './typed-app.ts'

const tags = ['contract']
/** What the contract's answers are made of. */
const quantities = ['bikes_mean', 'bikes_q05', 'bikes_q95'] as const
const config = { isForecast: true }

export const addContractRoutes = (app: TypedApp, { predictor }: ServerOptions): void => {
  const { systems, clock } = predictor

  const systemWith = (stationId: string): SystemPredictor => {
    for (const system of systems.values()) if (isKnownStation(system.knowledge, stationId)) return system
    throw new HttpProblem(
      404,
      `There is no station "${stationId}". GET /v1/systems/{system}/stations lists them.`,
    )
  }

  const forecastStation = async (stationId: string, hours: number, startAt: number | null) => {
    const system = systemWith(stationId)
    if (startAt !== null) checkRange(system, stationId, startAt + hourMs, startAt + hours * hourMs)
    const targetsFrom = (asOf: number): number[] =>
      startAt === null
        ? forecastTargets(asOf, clock.now(), hours)
        : Array.from({ length: hours }, (_, index) => startAt + (index + 1) * hourMs)
    const outcome = await predictor.forecast(system, { stationId, targetsFrom, quantities })
    return presentLegacyForecast(answerOf(outcome), clock.now())
  }

  /** Throws an HttpProblem where it cannot be answered. */
  const questionOf = (body: PredictBody): { system: SystemPredictor; question: ForecastQuestion } => {
    const { station_id: stationId, timestamp, weather_data: weather } = body
    const system = systemWith(stationId)
    const targetAt = timestamp == null ? clock.now() + hourMs : parseTime(timestamp, 'timestamp')
    checkRange(system, stationId, targetAt, targetAt)
    const question = { stationId, targetsFrom: () => [targetAt], quantities }
    if (!weather) return { system, question }
    const expected = expectedWeather(weather)
    return {
      system,
      question: {
        ...question,
        changeWeather: (known, asOf) => changeWeather(known, expected, asOf, targetAt),
      },
    }
  }

  const predict = async (body: PredictBody): Promise<LegacyPrediction> => {
    const { system, question } = questionOf(body)
    return presentPrediction(answerOf(await predictor.forecast(system, question, 'prediction')), clock.now())
  }

  /** In one run of the model: along the bodies, what is predicted, or why nothing is. */
  const predictAll = async (
    bodies: readonly PredictBody[],
  ): Promise<readonly (LegacyPrediction | HttpProblem)[]> => {
    const results: (LegacyPrediction | HttpProblem)[] = new Array(bodies.length)
    const asked = bodies.flatMap((body, index) => {
      try {
        return [{ index, ...questionOf(body) }]
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error
        results[index] = error
        return []
      }
    })
    for (const [system, own] of Map.groupBy(asked, ({ system }) => system)) {
      const questions = own.map(({ question }) => question)
      const outcomes = await predictor.forecastMany(system, questions, 'prediction')
      for (const [at, outcome] of outcomes.entries())
        results[own[at]!.index] = outcome.ok
          ? presentPrediction(outcome.answer, clock.now())
          : notAnswered(outcome.detail)
    }
    return results
  }

  const station = { params: StationOnlyPath, response: { 200: LegacyForecast, ...problems(404, 422, 503) } }
  app.get(
    '/predict/station/:station_id/forecast',
    { config, schema: { tags, summary: 'Hour by hour', querystring: HoursAhead, ...station } },
    ({ params, query }) => forecastStation(params.station_id, query.hours_ahead, null),
  )
  app.post(
    '/predict/station/:station_id/forecast',
    {
      config,
      schema: {
        tags,
        summary: 'Hour by hour, from a moment on',
        querystring: StartAndHours,
        body: Type.Union([StartAndHours, Type.Null()]),
        ...station,
      },
    },
    ({ params, query, body }) => {
      const start = body?.start_time ?? query.start_time
      return forecastStation(
        params.station_id,
        body?.hours_ahead ?? query.hours_ahead ?? 24,
        start == null ? null : parseTime(start, 'start_time'),
      )
    },
  )
  app.post(
    '/predict',
    {
      config,
      schema: {
        tags,
        summary: 'Bikes at one moment',
        body: PredictBody,
        response: { 200: LegacyPrediction, ...problems(404, 422, 503) },
      },
    },
    ({ body }) => predict(body),
  )
  app.post(
    '/predict/batch',
    {
      config,
      schema: {
        tags,
        summary: 'Up to 100 at once; those that cannot be answered are counted',
        body: PredictBatchBody,
        response: { 200: PredictBatchResult, ...problems(422) },
      },
    },
    async ({ body }) => {
      const results = await predictAll(body.predictions)
      const predictions = results.flatMap((result) => (result instanceof HttpProblem ? [] : [result]))
      return {
        predictions,
        total_predictions: results.length,
        successful: predictions.length,
        failed: results.length - predictions.length,
        errors: results.flatMap((result, index) =>
          result instanceof HttpProblem
            ? [{ index, station_id: body.predictions[index]?.station_id ?? '', detail: result.message }]
            : [],
        ),
      }
    },
  )
}

const answerOf = (outcome: ForecastOutcome): ForecastAnswer => {
  if (!outcome.ok) throw notAnswered(outcome.detail)
  return outcome.answer
}

const notAnswered = (detail: string): HttpProblem => new HttpProblem(503, detail)

/** A forecast is for the future of what is known, and no further than models look. */
const checkRange = (
  { knowledge, holder }: SystemPredictor,
  stationId: string,
  firstAt: number,
  lastAt: number,
): void => {
  const asOf = knowledge.vectors.get(stationId)?.asOf
  const reachHours = holder.current()?.bundle.manifest.maxHorizonHours
  if (asOf === undefined || reachHours === undefined) return
  if (firstAt <= asOf)
    throw new HttpProblem(
      422,
      `The moment must be later than ${new Date(asOf).toISOString()}, the station's newest report.`,
    )
  const reach = reachOf(asOf, reachHours)
  if (lastAt > reach)
    throw new HttpProblem(
      422,
      `The moment must not be later than ${new Date(reach).toISOString()}: models look ${reachHours} hours ahead.`,
    )
}

const expectedWeather = (weather: LegacyWeather): ExpectedWeather => ({
  temperatureC: weather.temperature ?? undefined,
  humidityPercent: weather.humidity ?? undefined,
  windSpeedMps: weather.wind_speed ?? undefined,
  precipitationMm: weather.precipitation ?? undefined,
})
