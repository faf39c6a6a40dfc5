import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { addAdminRoutes } from './access/admin-routes.ts'
import { answerOrigins } from './access/answer-origins.ts'
import { createServer } from './access/create-server.ts'
import { guardRoutes } from './access/guard-routes.ts'
import { addSecurityHeaders } from './access/security-headers.ts'
import { addContractRoutes } from './contract-routes.ts'
import { answerProblems } from './http-problem.ts'
import { markDeprecated } from './mark-deprecated.ts'
import { addMonitoringRoutes } from './monitoring-routes.ts'
import { openapiOptions } from './openapi-document.ts'
import { addOperationsRoutes } from './operations-routes.ts'
import { answerRequestIds } from './request-ids.ts'
import type { ServerOptions } from './server-options.ts'
import type { TypedApp } from './typed-app.ts'
import { addV1Routes } from './v1/add-v1-routes.ts'

/** The HTTP server with all routes, not listening yet. */
export const buildServer = async (options: ServerOptions): Promise<TypedApp> => {
  const { predictor, telemetry, log, version, access } = options
  const app = createServer(access)
  answerProblems(app as never, log)
  answerRequestIds(app as never)
  markDeprecated(app as never, predictor)
  acceptEmptyJson(app)
  app.addHook('onResponse', async (request, reply) => {
    telemetry.answered(
      request.method,
      request.routeOptions.url ?? 'unknown',
      reply.statusCode,
      reply.elapsedTime,
      request.routeOptions.config.isForecast === true,
    )
  })
  if (access?.settings.isGuarded) await addSecurityHeaders(app, { isTls: Boolean(access.tls) })
  await answerOrigins(app, access?.settings.corsOrigins ?? null)
  guardRoutes(app, access?.guard ?? null)
  await app.register(swagger, openapiOptions(version))
  await app.register(swaggerUi, { routePrefix: '/docs' })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  addOperationsRoutes(app, options)
  addMonitoringRoutes(app, options)
  addV1Routes(app, options)
  addContractRoutes(app, options)
  if (options.admin) await addAdminRoutes(app, predictor, options.admin)
  return app
}

/** Some clients name JSON as the type of a body that they do not send: there is none, then. */
const acceptEmptyJson = (app: TypedApp): void => {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, null) : parseJson(request, body as string, done),
  )
}
