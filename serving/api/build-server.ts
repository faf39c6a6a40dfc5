import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { fastify } from 'fastify'
import { addContractRoutes } from './contract-routes.ts'
import { answerProblems, answerUnroutable } from './http-problem.ts'
import { markDeprecated } from './mark-deprecated.ts'
import { openapiOptions } from './openapi-document.ts'
import { addOperationsRoutes } from './operations-routes.ts'
import { answerRequestIds, requestIdOf } from './request-ids.ts'
import type { ServerOptions } from './server-options.ts'
import type { TypedApp } from './typed-app.ts'
import { addV1Routes } from './v1/add-v1-routes.ts'

/** The HTTP server with all routes, not listening yet. */
export const buildServer = async (options: ServerOptions): Promise<TypedApp> => {
  const { predictor, telemetry, log, version } = options
  const app = fastify({
    bodyLimit: 256 * 1024,
    genReqId: requestIdOf,
    frameworkErrors: answerUnroutable,
    // Longer than any station's id may be, so that one that is too long is a bad parameter.
    routerOptions: { maxParamLength: 1_000 },
  }) as unknown as TypedApp
  answerProblems(app as never, log)
  answerRequestIds(app as never)
  markDeprecated(app as never, predictor)
  app.addHook('onResponse', async (request, reply) => {
    telemetry.answered(
      request.method,
      request.routeOptions.url ?? 'unknown',
      reply.statusCode,
      reply.elapsedTime,
    )
  })
  await app.register(swagger, openapiOptions(version))
  await app.register(swaggerUi, { routePrefix: '/docs' })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  addOperationsRoutes(app, options)
  addV1Routes(app, options)
  addContractRoutes(app, options)
  return app
}
