import { STATUS_CODES } from 'node:http'
import { ScorerUnavailableError } from '@velocast/inference'
import type { Log } from '@velocast/runtime'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ProblemName, problemTypes, problemTypeUri } from './problem-types.ts'

/** An answer that is not what was asked for. `detail` says what is wrong and what to do. */
export class HttpProblem extends Error {
  override name = 'HttpProblem'
  readonly statusCode: number
  readonly type: ProblemName | null
  readonly headers: Readonly<Record<string, string>>

  constructor(
    statusCode: number,
    detail: string,
    type: ProblemName | null = null,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail)
    this.statusCode = statusCode
    this.type = type
    this.headers = headers
  }
}

/** Where Fastify says what is wrong, and not what to do. */
const ADVICE: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large: ask for fewer at once.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty: send JSON, or leave the content type out.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not JSON.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send JSON, with Content-Type: application/json.',
}

/** Every error leaves as JSON with `detail`; a bug is logged whole and leaves as a 500 that says nothing of it. */
export const answerProblems = (app: FastifyInstance, log: Log): void => {
  app.setErrorHandler((error: FastifyError | HttpProblem, request, reply) => {
    if ('validation' in error && error.validation)
      return send(request, reply, 422, error.message, typeOfValidation(error))
    const status = error.statusCode ?? 500
    if (error instanceof HttpProblem)
      return send(request, reply.headers(error.headers), status, error.message, error.type)
    if (error instanceof ScorerUnavailableError) {
      log.error({ err: error, url: request.url, requestId: request.id }, 'the model cannot be run')
      const soon = reply.header('retry-after', '2')
      return send(
        request,
        soon,
        503,
        'The model cannot be run at the moment. Ask again.',
        'model-unavailable',
      )
    }
    const detail = ADVICE[error.code] ?? error.message
    if (status < 500) return send(request, reply, status, detail, 'malformed-request')
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

/** For what goes wrong before there is a route: an address that cannot be decoded. */
export const answerBadAddress = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
  send(request, reply, error.statusCode ?? 400, error.message, 'malformed-request')
}

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
  if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '30')
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(problem)
}
