import { type FastifyServerOptions, fastify } from 'fastify'
import { answerClientErrors } from '../answer-client-errors.ts'
import { answerBadAddress } from '../http-problem.ts'
import { requestIdOf } from '../request-ids.ts'
import type { TypedApp } from '../typed-app.ts'
import type { ServerAccess } from './open-access.ts'
import { defaultLimits, limitConnections, serverOptionsOf } from './server-limits.ts'
import { OLDEST_TLS } from './tls-files.ts'

/** The server below the routes: its limits on connections, its certificate, and whose word for an address it takes. */
export const createServer = (access: ServerAccess | undefined): TypedApp => {
  const { limits = defaultLimits, tls = null, settings } = access ?? {}
  const trustedProxies = settings?.trustedProxies ?? null
  const options = serverOptionsOf(limits)
  const app = fastify({
    ...options.fastify,
    ...(tls
      ? { https: { ...options.node, ...options.tls, cert: tls.cert, key: tls.key, minVersion: OLDEST_TLS } }
      : { http: options.node }),
    genReqId: requestIdOf,
    clientErrorHandler: answerClientErrors,
    frameworkErrors: answerBadAddress,
    trustProxy: trustedProxies ?? false,
    // Longer than any station's id may be, so that one that is too long is a bad parameter.
    routerOptions: { maxParamLength: 1_000 },
  } as FastifyServerOptions) as unknown as TypedApp
  limitConnections(app.server, {
    atMost: limits.API_MAX_CONNECTIONS,
    perAddress: settings?.isGuarded ? limits.API_MAX_CONNECTIONS_PER_ADDRESS : 0,
    uncounted: trustedProxies ?? [],
  })
  return app
}
