/** What changes how the system answers. Each request of somebody known is audited, whatever comes of it. */
import { UnavailableError } from '@velocast/runtime'
import { type AuditOutcome, allSystems } from '@velocast/schemas'
import { Type } from 'typebox'
import { ModelQuery, orNull, Problem, problems, SystemPath } from '../api-schemas.ts'
import { ModelInfo } from '../contract-schemas.ts'
import { HttpProblem } from '../http-problem.ts'
import { knownSystem } from '../known-system.ts'
import type { Predictor } from '../predictor.ts'
import { isoTime } from '../present-forecast.ts'
import { presentModel } from '../present-legacy.ts'
import type { TypedApp } from '../typed-app.ts'
import type { AdminActions } from './admin-actions.ts'

const tags = ['admin']
const scope = 'models:write'
const WITHIN_MS = 20_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the audit log calls it. */
    action?: 'model.reload' | 'model.rollback'
  }
  interface FastifyRequest {
    /** On what, and what came of it: for the audit log. */
    audited: { systemId: string; target: string; detail: string | null }
  }
}

const RollbackBody = Type.Object({
  version: Type.Union([Type.String({ pattern: '^[1-9][0-9]{0,8}$' }), Type.Integer({ minimum: 1 })], {
    description: 'the registered version that is to serve',
  }),
  reason: Type.Optional(Type.String({ maxLength: 500, description: 'what for' })),
})

const Rollback = Type.Object({
  status: Type.Union([Type.Literal('promoted'), Type.Literal('serves-already')]),
  system_id: Type.String(),
  version: Type.String(),
  previous_version: orNull(Type.String()),
  promoted_at: Type.String(),
  reason: Type.String(),
})

const NullableModel = orNull(ModelInfo)
const Reloaded = Type.Object({
  status: Type.Union([Type.Literal('success'), Type.Literal('error')]),
  message: Type.String(),
  old_model: NullableModel,
  new_model: NullableModel,
  timestamp: Type.String(),
})
const NotReloaded = Type.Object({ ...Reloaded.properties, detail: Type.String() })

export const addAdminRoutes = async (
  parent: TypedApp,
  predictor: Predictor,
  admin: AdminActions,
): Promise<void> => {
  await parent.register(async (scoped) => {
    const app = scoped as unknown as TypedApp
    auditRequests(app, admin)

    app.post(
      '/monitoring/models/reload',
      {
        config: { scope, action: 'model.reload' },
        schema: {
          tags,
          summary: 'Load the promoted model once more, on this replica',
          querystring: ModelQuery,
          response: { 200: Reloaded, 404: Problem, 409: NotReloaded, 503: NotReloaded },
        },
      },
      async (request, reply) => {
        const [first = ''] = predictor.systems.keys()
        const systemId = request.query.system ?? first
        const { holder } = knownSystem(predictor, systemId)
        request.audited.systemId = systemId
        const present = () => {
          const model = holder.current()
          return model ? presentModel(model) : null
        }
        const old_model = present()
        const outcome = await admin.reload(systemId)
        const new_model = present()
        request.audited.target = new_model?.version ?? ''
        const answered = { old_model, new_model, timestamp: isoTime(predictor.clock.now()) }
        if (outcome.ok)
          return {
            status: 'success' as const,
            message: `Version ${new_model?.version} answers.`,
            ...answered,
          }
        const message = `The model was not reloaded: ${outcome.detail} (${outcome.reason}). ${
          old_model ? `Version ${old_model.version} goes on answering.` : 'None answers.'
        }`
        request.audited.detail = message
        const status = ['UNREACHABLE', 'NONE_PROMOTED', 'OVERTAKEN'].includes(outcome.reason) ? 503 : 409
        return reply.code(status).send({ status: 'error' as const, message, detail: message, ...answered })
      },
    )

    app.post(
      '/v1/admin/systems/:system/rollback',
      {
        config: { scope, action: 'model.rollback' },
        schema: {
          tags,
          summary: 'Promote an earlier version, for all replicas',
          params: SystemPath,
          body: RollbackBody,
          response: { 200: Rollback, ...problems(404, 409, 422, 503) },
        },
      },
      async (request) => {
        const { system } = request.params
        knownSystem(predictor, system)
        const modelVersion = String(request.body.version)
        request.audited.systemId = system
        request.audited.target = modelVersion
        const { reason } = request.body
        const result = await admin
          .rollback({
            systemId: system,
            modelVersion,
            reason: `rollback, by ${request.caller.id}${reason ? `: ${reason}` : ''}`,
            signal: AbortSignal.timeout(WITHIN_MS),
          })
          .catch(sayWhoIsAway)
        if (result.outcome === 'refused') throw new HttpProblem(409, `${result.detail}.`)
        const { promotion } = result
        return {
          status: result.outcome,
          system_id: system,
          version: promotion.modelVersion,
          previous_version: promotion.previousVersion,
          promoted_at: isoTime(promotion.promotedAt),
          reason: promotion.reason,
        }
      },
    )
  })
}

const sayWhoIsAway = (error: unknown): never => {
  const isTimeout = error instanceof Error && error.name === 'TimeoutError'
  if (!isTimeout && !(error instanceof UnavailableError)) throw error
  const who = isTimeout ? `Kafka or MLflow has not answered within ${WITHIN_MS / 1000} s` : error.message
  throw new HttpProblem(
    503,
    `The rollback could not be published: ${who}. Ask again once it answers; what serves until then has not changed.`,
  )
}

const auditRequests = (app: TypedApp, admin: AdminActions): void => {
  app.decorateRequest('audited', null as never)
  const nothingYet = () => ({ systemId: allSystems, target: '', detail: null })
  app.addHook('onRequest', async (request) => {
    request.audited = nothingYet()
  })
  app.addHook('onError', async (request, _reply, error) => {
    request.audited ??= nothingYet()
    request.audited.detail = error.message
  })
  app.addHook('onResponse', async (request, reply) => {
    const { action } = request.routeOptions.config
    // Of whoever shows nothing, or asks too often, there may be any number: they are counted by the guard.
    if (!action || reply.statusCode === 401 || reply.statusCode === 429) return
    const { systemId, target, detail } = request.audited ?? nothingYet()
    admin.audit({
      systemId,
      actor: request.caller.id,
      source: request.ip,
      action,
      target,
      outcome: outcomeOf(reply.statusCode),
      detail,
    })
  })
}

const outcomeOf = (statusCode: number): AuditOutcome => {
  if (statusCode < 400) return 'SUCCEEDED'
  return statusCode < 500 ? 'REFUSED' : 'FAILED'
}
