import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerForecast, type ForecastOutcome, type ForecastQuestion } from '../answer-forecast.ts'
import { Forecast, StationPath } from '../api-schemas.ts'
import { forecastTargets } from '../forecast-targets.ts'
import type { ServingModel } from '../load-model.ts'
import type { SystemPredictor } from '../predictor.ts'
import { forecastJson } from '../present-forecast.ts'
import type { TypedApp } from '../typed-app.ts'
import {
  type Answer,
  type AnswerCache,
  type AnswerOrigin,
  type KeptAnswer,
  originOf,
} from './answer-cache.ts'
import { dataAgeSeconds } from './answer-head.ts'
import type { WrittenBody } from './answer-memory.ts'
import { ForecastQuery } from './forecast-query.ts'
import { forecastColumns, forecastRows } from './forecast-rows.ts'
import { freshSeconds } from './freshness.ts'
import { problemOf } from './outcome-problem.ts'
import { prepareAnswers } from './prepare-answers.ts'
import { columnsOf } from './quantities.ts'
import { answers, flatFormats, tags } from './schemas.ts'
import { beginWith, lastingHeaders, mediaTypeOf, mediaTypes, weakEtag } from './send-answer.ts'
import { createFlights } from './share-flights.ts'
import { tableFormats } from './table-formats.ts'
import { checkStation, type V1Context } from './v1-context.ts'
import { aroundAge, type DatedBody, type SentLast, sendWritten } from './written-answer.ts'

interface Asked {
  readonly system: SystemPredictor
  readonly stationId: string
  readonly query: ForecastQuery
  readonly type: (typeof formats)[number]
}

/** What is known of a forecast that was written, beside its body. */
interface AboutForecast extends SentLast {
  readonly asked: Asked
  readonly asOf: number
  readonly headers: Record<string, string>
}

const formats = [mediaTypes.json, ...flatFormats] as const

export const addStationForecast = (app: TypedApp, { predictor, systemOf, ...context }: V1Context): void => {
  const { clock, staleAfterMs } = predictor
  const cache = context.cache as AnswerCache<AboutForecast>
  const share = createFlights<Answer<AboutForecast>>()

  const write = async (
    asked: Asked,
    origin: AnswerOrigin,
    forecast: (question: ForecastQuestion) => Promise<ForecastOutcome>,
  ): Promise<[answer: Answer<AboutForecast>, model: ServingModel]> => {
    const { system, stationId, query, type } = asked
    const now = clock.now()
    const outcome = await forecast({
      stationId,
      quantities: columnsOf(query.quantity),
      targetsFrom: (asOf) => forecastTargets(asOf, now, query.hours, query.step_minutes),
    })
    if (!outcome.ok) throw problemOf(outcome)
    const { answer } = outcome
    const { asOf, reasons, targets } = answer
    const { modelName: name, modelVersion: version } = answer.model.promotion
    const model = { name, version }
    const about = { asOf, reasons, model, now }
    const { body, etag } =
      type === mediaTypes.json
        ? jsonBody(forecastJson(answer, system.knowledge, query.quantity))
        : tableBody(
            await tableFormats(
              () => ({
                columns: forecastColumns(query.quantity),
                rows: forecastRows(answer, system.knowledge, query.quantity),
              }),
              about,
            )[type](),
          )
    const staleAt = asOf + staleAfterMs
    const written = {
      about: { asked, asOf, headers: lastingHeaders({ about, etag, type }) },
      body,
      origin,
      usesNeighbours: reasons.includes('short_history'),
      validUntil: Math.min(targets[0]!, now <= staleAt ? staleAt + 1 : Number.POSITIVE_INFINITY),
    }
    return [written, answer.model]
  }

  const workOut = (
    request: FastifyRequest,
    system: SystemPredictor,
    stationId: string,
    query: ForecastQuery,
  ): Promise<Answer<AboutForecast>> => {
    const type = mediaTypeOf(request, formats)
    checkStation(system, stationId)
    const origin = originOf(system, stationId)
    // Many ask for the same when a report or a model has come.
    return share(keyOf(request), origin, () =>
      workOutAlone(keyOf(request), origin, { system, stationId, query, type }),
    )
  }

  const workOutAlone = async (
    key: string,
    origin: AnswerOrigin,
    asked: Asked,
  ): Promise<Answer<AboutForecast>> => {
    const [answer, model] = await write(asked, origin, (question) =>
      predictor.forecast(asked.system, question),
    )
    // A model that was promoted meanwhile answers the next request, and this answer is not its.
    const kept = model === origin.model && cache.take(answer)
    if (kept) cache.put(key, kept)
    return answer
  }

  const workOutBefore = async (model: ServingModel, asked: Asked): Promise<Answer<AboutForecast>> => {
    const { knowledge } = asked.system
    const origin = { ...originOf(asked.system, asked.stationId), model }
    const holder = { use: <R>(work: (model: ServingModel) => Promise<R>) => work(model) }
    const [answer] = await write(asked, origin, (question) =>
      answerForecast({ knowledge, holder, now: clock.now(), staleAfterMs }, question),
    )
    return answer
  }

  for (const system of predictor.systems.values())
    system.holder.beforeSwap((model, signal) =>
      prepareAnswers(cache, system, clock, signal, ({ about }) => workOutBefore(model, about.asked)),
    )

  const send = (
    request: FastifyRequest,
    reply: FastifyReply,
    { knowledge }: SystemPredictor,
    { about, validUntil }: Pick<KeptAnswer<AboutForecast>, 'about' | 'validUntil'>,
    body: DatedBody,
  ): FastifyReply => {
    const now = clock.now()
    const age = dataAgeSeconds({ asOf: about.asOf, now })
    const maxAgeSeconds = freshSeconds(knowledge, about.asOf, now, validUntil)
    return beginWith(request, reply, about.headers, maxAgeSeconds, age) === 'known'
      ? reply.code(304).send()
      : sendWritten(request, reply, about, body, age)
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
      // What was asked in the very words before was valid: a kept answer needs no validation.
      preValidation: (request, reply, done) => {
        const { system: systemId, station } = request.params as { system: string; station: string }
        const system = predictor.systems.get(systemId)
        const kept = system && cache.get(keyOf(request as FastifyRequest), system, station, clock.now())
        if (!kept) return done()
        const body: DatedBody = { bytes: kept.body.bytes, at: (age) => cache.read(kept, age) }
        send(request as FastifyRequest, reply as FastifyReply, system, kept, body)
      },
    },
    async (request, reply) => {
      const { params, query } = request
      const system = systemOf(params.system)
      const answer = await workOut(request as FastifyRequest, system, params.station, query)
      const { before, after } = answer.body
      const body: DatedBody = {
        bytes: before.length + (after?.length ?? 0),
        at: (age) => (after === null ? before : `${before}${age}${after}`),
      }
      return send(request as FastifyRequest, reply as FastifyReply, system, answer, body)
    },
  )
}

/** Its parts are hashed one by one: put together they are, once, when they are sent. */
const jsonBody = ([head, points]: readonly [string, string]): { body: WrittenBody; etag: string } => {
  const [before, after] = aroundAge(head)
  return { body: { before, after: after + points }, etag: weakEtag(before, after, points) }
}

const tableBody = (table: string | Buffer): { body: WrittenBody; etag: string } => ({
  body: { before: table, after: null },
  etag: weakEtag(table),
})

const keyOf = ({ url, headers }: FastifyRequest): string => `${url}\n${headers.accept ?? ''}`
