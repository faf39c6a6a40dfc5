import { pipeline, Readable } from 'node:stream'
import { constants, createBrotliCompress, createGzip } from 'node:zlib'
import { slotMs } from '@velocast/features'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Forecast, SystemPath } from '../api-schemas.ts'
import type { TypedApp } from '../typed-app.ts'
import { aboutSystem } from './answer-head.ts'
import { SystemForecastQuery } from './forecast-query.ts'
import { createForecastWriter } from './forecast-writer.ts'
import { freshSeconds } from './freshness.ts'
import { noModelProblem } from './outcome-problem.ts'
import { answers, flatFormats, head, tags } from './schemas.ts'
import { beginAnswer, encodingOf, etagOf, mediaTypeOf, mediaTypes } from './send-answer.ts'
import { stationIdsOf } from './station-directory.ts'
import { streamForecasts } from './stream-forecasts.ts'
import { checkStation, type V1Context } from './v1-context.ts'

const SystemForecast = Type.Object({
  system_id: Type.String(),
  ...head,
  stations: Type.Array(Forecast, {
    description:
      'each of one model and one report, which it names: a promotion amid a long answer shows in its later stations',
  }),
  unavailable: Type.Array(
    Type.Object({ station_id: Type.String(), type: Type.String(), detail: Type.String() }),
    { description: 'stations that cannot be forecast, and the problem that says why' },
  ),
})

export const addSystemForecast = (app: TypedApp, { predictor, systemOf }: V1Context): void => {
  app.get(
    '/v1/systems/:system/forecast',
    {
      config: { isForecast: true },
      schema: {
        tags,
        operationId: 'getSystemForecast',
        summary: 'What will be at many stations, or at all; streamed as it is worked out',
        params: SystemPath,
        querystring: SystemForecastQuery,
        response: answers('the forecasts, by station', SystemForecast, flatFormats, 404, 422, 503),
      },
    },
    async (request, reply) => {
      const { params, query } = request
      const system = systemOf(params.system)
      const { knowledge, holder } = system
      for (const stationId of query.station ?? []) checkStation(system, stationId)
      const about = aboutSystem(system, predictor)
      if (!about.model) throw noModelProblem(params.system)
      const type = mediaTypeOf(request as FastifyRequest, [mediaTypes.json, ...flatFormats])
      const stationIds = query.station ?? stationIdsOf(knowledge)
      // A target passes at the end of a slot's quarter at the earliest.
      const quarter = Math.floor(about.now / slotMs)
      const etag = etagOf(
        type,
        request.url,
        knowledge.changes.all(),
        holder.current()?.loadedAt,
        about.model,
        about.reasons,
        quarter,
      )
      const maxAgeSeconds = freshSeconds(knowledge, about.asOf, about.now)
      const headers = { about, etag, type, maxAgeSeconds }
      if (beginAnswer(request as FastifyRequest, reply as FastifyReply, headers) === 'known')
        return reply.code(304).send()
      const writer = await createForecastWriter(type, knowledge, query.quantity, about)
      const pieces = Readable.from(
        streamForecasts({ predictor, system, stationIds, query, writer, now: about.now }),
        { objectMode: false, highWaterMark: 64 * 1024 },
      )
      const encoding = encodingOf(request as FastifyRequest)
      if (!encoding) return reply.send(pieces)
      reply.header('content-encoding', encoding)
      // Whoever closes first closes the other; Fastify speaks of what went wrong, if anybody still listens.
      return reply.send(pipeline(pieces, compressorFor(encoding), () => {}))
    },
  )
}

/** Flushed with every piece, so that the client gets the first while the last is being worked out. */
const compressorFor = (encoding: 'br' | 'gzip') =>
  encoding === 'gzip'
    ? createGzip({ level: 4, flush: constants.Z_SYNC_FLUSH })
    : createBrotliCompress({
        flush: constants.BROTLI_OPERATION_FLUSH,
        params: { [constants.BROTLI_PARAM_QUALITY]: 4 },
      })
