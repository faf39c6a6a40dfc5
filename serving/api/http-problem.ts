import { STATUS_CODES } from 'node:http'
import type { Log } from '@velocast/runtime'
import type { FastifyError, FastifyInstance } from 'fastify'

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

/** Every error leaves as JSON with `detail`; a bug is logged whole and leaves as a 500 that says nothing of it. */
export const answerProblems = (app: FastifyInstance, log: Log): void => {
  app.setErrorHandler((error: FastifyError | HttpProblem, request, reply) => {
    if ('validation' in error && error.validation) return send(reply, 422, error.message)
    const status = error.statusCode ?? 500
    if (error instanceof HttpProblem) reply.headers(error.headers)
    if (status < 500 || error instanceof HttpProblem) return send(reply, status, error.message)
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

const send = (reply: import('fastify').FastifyReply, status: number, detail: string) =>
  reply
    .code(status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail })
