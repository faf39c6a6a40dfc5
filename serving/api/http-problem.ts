import { STATUS_CODES } from 'node:http'
import type { Log } from '@velocast/runtime'
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'

/** An answer that is not what was asked for. `detail` says what is wrong and what to do. */
export class HttpProblem extends Error {
  override name = 'HttpProblem'
  readonly statusCode: number

  readonly headers: Readonly<Record<string, string>>

  constructor(statusCode: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.statusCode = statusCode
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
    if ('validation' in error && error.validation) return send(reply, 422, error.message)
    const status = error.statusCode ?? 500
    const detail = ('code' in error && ADVICE[error.code]) || error.message
    if (error instanceof HttpProblem) reply.headers(error.headers)
    if (status < 500 || error instanceof HttpProblem) return send(reply, status, detail)
    log.error({ err: error, url: request.url }, 'a request failed')
    return send(reply, 500, 'This is a bug; the log has the rest.')
  })
  app.setNotFoundHandler((request, reply) =>
    send(
      reply,
      404,
      `There is no ${request.method} ${request.url.split('?')[0]}. See /docs for what there is.`,
    ),
  )
}

/** For what goes wrong before there is a route: an address that cannot be decoded. */
export const answerBadAddress = (error: FastifyError, _request: unknown, reply: FastifyReply): void => {
  send(reply, error.statusCode ?? 400, error.message)
}

const send = (reply: FastifyReply, status: number, detail: string) =>
  reply
    .code(status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail })
