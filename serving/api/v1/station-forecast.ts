import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ForecastAnswer } from '../answer-forecast.ts'
import { Forecast, StationPath } from '../api-schemas.ts'
import { forecastTargets } from '../forecast-targets.ts'
import type { SystemPredictor } from '../predictor.ts'
import { presentForecast } from '../present-forecast.ts'
import type { TypedApp } from '../typed-app.ts'
import { type AnswerCache, originOf } from './answer-cache.ts'
import { ForecastQuery } from './forecast-query.ts'
import { forecastColumns, forecastRows } from './forecast-rows.ts'
import { freshSeconds } from './freshness.ts'
import { problemOf } from './outcome-problem.ts'
import { answers, flatFormats, tags } from './schemas.ts'
import { beginAnswer, mediaTypeOf, mediaTypes, weakEtag } from './send-answer.ts'
import { tableFormats } from './table-formats.ts'
import { checkStation, type V1Context } from './v1-context.ts'
import { sendWritten, type WrittenAnswer, writtenJson } from './written-answer.ts'

/** A forecast as it goes out, but for its age. */
interface WrittenForecast extends WrittenAnswer {
  readonly asOf: number
  readonly reasons: readonly string[]
  readonly model: { name: string; version: string }
  readonly etag: string
  readonly validUntil: number
}

const formats = [mediaTypes.json, ...flatFormats] as const

export const addStationForecast = (app: TypedApp, { predictor, systemOf, ...context }: V1Context): void => {
  const { clock, staleAfterMs } = predictor
  const cache = context.cache as AnswerCache<WrittenForecast>

  const write = async (
    system: SystemPredictor,
    stationId: string,
    query: ForecastQuery,
    type: (typeof formats)[number],
  ): Promise<{ written: WrittenForecast; answer: ForecastAnswer }> => {
    const now = clock.now()
    const outcome = await predictor.forecast(system, {
      stationId,
      targetsFrom: (asOf) => forecastTargets(asOf, now, query.hours, query.step_minutes),
    })
    if (!outcome.ok) throw problemOf(outcome)
    const { answer } = outcome
    const { asOf, reasons, targets } = answer
    const { modelName: name, modelVersion: version } = answer.model.promotion
    const model = { name, version }
    const about = { asOf, reasons, model, now }
    const body =
      type === mediaTypes.json
        ? writtenJson(JSON.stringify(presentForecast(answer, system.knowledge, query.quantity)))
        : {
            before: Buffer.from(
              (await tableFormats(
                () => ({
                  columns: forecastColumns(query.quantity),
                  rows: forecastRows(answer, system.knowledge, query.quantity),
                }),
                about,
              )[type]()) as string,
            ),
            after: null,
          }
    const staleAt = asOf + staleAfterMs
    return {
      answer,
      written: {
        ...body,
        asOf,
        reasons,
        model,
        etag: weakEtag(body.after ? Buffer.concat([body.before, body.after]) : body.before),
        validUntil: Math.min(targets[0]!, now <= staleAt ? staleAt + 1 : Number.POSITIVE_INFINITY),
      },
    }
  }

  const forecastOf = async (
    system: SystemPredictor,
    stationId: string,
    query: ForecastQuery,
    type: (typeof formats)[number],
  ): Promise<WrittenForecast> => {
    const { hours, step_minutes, quantity } = query
    const key = `${system.knowledge.system.systemId}/${stationId}?${hours}/${step_minutes}/${quantity}/${type}`
    const kept = cache.get(key, system, stationId, clock.now())
    if (kept) return kept
    checkStation(system, stationId)
    const origin = originOf(system, stationId)
    const { written, answer } = await write(system, stationId, query, type)
    // A model that was promoted meanwhile answers the next request, and this answer is not its.
    if (answer.model === origin.model)
      cache.put(key, {
        value: written,
        origin,
        usesNeighbours: answer.reasons.includes('short_history'),
        validUntil: written.validUntil,
        bytes: 2 * (written.before.length + (written.after?.length ?? 0)) + entryBytes,
      })
    return written
  }

  app.get(
    '/v1/systems/:system/stations/:station/forecast',
    {
      config: { isForecast: true },
      schema: {
        tags,
        operationId: 'getStationForecast',
        summary: 'What will be at a station',
        params: StationPath,
        querystring: ForecastQuery,
        response: answers('the forecast, target by target', Forecast, flatFormats, 404, 422, 503),
      },
    },
    async (request, reply) => {
      const { params, query } = request
      const system = systemOf(params.system)
      const type = mediaTypeOf(request as FastifyRequest, formats)
      const written = await forecastOf(system, params.station, query, type)
      const now = clock.now()
      const maxAgeSeconds = freshSeconds(system.knowledge, written.asOf, now, written.validUntil)
      const about = { asOf: written.asOf, reasons: written.reasons, model: written.model, now }
      const headers = { about, etag: written.etag, type, maxAgeSeconds }
      if (beginAnswer(request as FastifyRequest, reply as FastifyReply, headers) === 'known')
        return reply.code(304).send()
      return sendWritten(request as FastifyRequest, reply as FastifyReply, written, about)
    },
  )
}

/** Of the key and the objects around an answer. */
const entryBytes = 1024
