import { STATUS_CODES } from 'node:http'
import type { Log } from '@velocast/runtime'
import type {
  FastifyError,
  FastifyHttpOptions,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify'
import { type ProblemName, problemTypes, problemTypeUri } from './problem-types.ts'

/** An answer that is not what was asked for. `detail` says what is wrong and what to do. */
export class HttpProblem extends Error {
  override name = 'HttpProblem'
  readonly statusCode: number
  readonly type: ProblemName | null

  constructor(statusCode: number, detail: string, type: ProblemName | null = null) {
    super(detail)
    this.statusCode = statusCode
    this.type = type
  }
}

/** Every error leaves as JSON with `detail`; a bug is logged whole and leaves as a 500 that says nothing of it. */
export const answerProblems = (app: FastifyInstance, log: Log): void => {
  app.setErrorHandler((error: FastifyError | HttpProblem, request, reply) => {
    if ('validation' in error && error.validation)
      return send(request, reply, 422, error.message, typeOfValidation(error))
    const status = error.statusCode ?? 500
    if (error instanceof HttpProblem) return send(request, reply, status, error.message, error.type)
    if (status < 500) return send(request, reply, status, error.message, 'malformed-request')
    log.error({ err: error, url: request.url, requestId: request.id }, 'a request failed')
    return send(request, reply, 500, 'This is a bug; the log has the rest.', 'internal-error')
  })
  app.setNotFoundHandler((request, reply) =>
    send(
      request,
      reply,
      404,
      `There is no ${request.method} ${request.url.split('?')[0]}. See /docs for what there is.`,
      'unknown-route',
    ),
  )
}

/** For what cannot even be routed, such as a path that is not well formed. To be given to `fastify()`. */
export const answerUnroutable: NonNullable<FastifyHttpOptions<RawServerDefault>['frameworkErrors']> = (
  error,
  request,
  reply,
) => void send(request, reply as FastifyReply, error.statusCode ?? 400, error.message, 'malformed-request')

const typeOfValidation = ({ validation }: FastifyError): ProblemName =>
  validation?.some(({ instancePath }) => instancePath === '/hours')
    ? 'horizon-out-of-range'
    : 'invalid-parameter'

const send = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  detail: string,
  type: ProblemName | null,
) => {
  const problem =
    type !== null && request.url.startsWith('/v1/')
      ? {
          type: problemTypeUri(type),
          title: problemTypes[type].title,
          status,
          detail,
          request_id: request.id,
        }
      : { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail }
  if (status === 503) reply.header('retry-after', '30')
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(problem)
}
