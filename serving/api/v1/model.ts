import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ModelQuery, orNull, SystemPath, time } from '../api-schemas.ts'
import type { ServingModel } from '../load-model.ts'
import type { SystemPredictor } from '../predictor.ts'
import { isoTime } from '../present-forecast.ts'
import type { TypedApp } from '../typed-app.ts'
import { aboutSystem, presentHead } from './answer-head.ts'
import { noModelProblem } from './outcome-problem.ts'
import { answers, head, tags } from './schemas.ts'
import { mediaTypes, sendAnswer } from './send-answer.ts'
import type { V1Context } from './v1-context.ts'

/** A model changes by a promotion, which is to be seen within so long. */
const maxAgeSeconds = 30

const Incoming = Type.Object(
  {
    version: Type.String(),
    step: Type.String({
      description:
        'fetching, checking, warming_up, waiting_to_retry, shadow_scoring (beside the one in use), preparing_answers',
    }),
  },
  { description: 'the model that is to take over on this replica, and what is being done with it' },
)

const Model = Type.Object({
  system_id: Type.String(),
  ...head,
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
  incoming: orNull(Incoming),
})

export const addModel = (app: TypedApp, { predictor, systemOf }: V1Context): void => {
  const answer = (request: FastifyRequest, reply: FastifyReply, system: SystemPredictor) => {
    const { systemId } = system.knowledge.system
    const model = system.holder.current()
    if (!model) throw noModelProblem(systemId)
    const about = aboutSystem(system, predictor)
    const incoming = presentIncoming(system)
    return sendAnswer(request, reply, {
      about,
      madeOf: [model.loadedAt, about.asOf, incoming?.version, incoming?.step],
      maxAgeSeconds,
      formats: {
        [mediaTypes.json]: () =>
          JSON.stringify({ system_id: systemId, ...presentHead(about), ...presentModel(model), incoming }),
      },
    })
  }

  app.get(
    '/v1/model',
    {
      schema: {
        tags,
        operationId: 'getModel',
        summary: 'The model that answers for a system, the first one by default',
        querystring: ModelQuery,
        response: answers('the model', Model, [], 404, 422, 503),
      },
    },
    async (request, reply) => {
      const [first = ''] = predictor.systems.keys()
      return answer(request as FastifyRequest, reply as FastifyReply, systemOf(request.query.system ?? first))
    },
  )

  app.get(
    '/v1/systems/:system/model',
    {
      schema: {
        tags,
        operationId: 'getSystemModel',
        summary: 'The model that answers',
        params: SystemPath,
        response: answers('the model', Model, [], 404, 422, 503),
      },
    },
    async (request, reply) =>
      answer(request as FastifyRequest, reply as FastifyReply, systemOf(request.params.system)),
  )
}

const presentIncoming = ({ incoming }: SystemPredictor) => {
  const next = incoming?.()
  return next ? { version: next.promotion.modelVersion, step: next.step } : null
}

const presentModel = ({ promotion, bundle, loadedAt }: ServingModel) => ({
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
})
