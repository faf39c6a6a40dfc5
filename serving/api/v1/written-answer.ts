/** Sends a body with its age put in, compressed where that is asked for. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Body } from './answer-memory.ts'
import { compress, encodingOf, leastToCompress } from './send-answer.ts'

/** What was sent last: many ask in the same second. */
export interface SentLast {
  /** The body is null until it is asked for twice: most are not. */
  sent?: { encoding: 'br' | 'gzip' | null; age: number | null; body: Buffer | null }
}

/** A body at any moment, whether it was just written or is kept. */
export interface DatedBody {
  /** Without its age. */
  readonly bytes: number
  /** `age` is in seconds. */
  readonly at: (age: number | null) => Body
}

const agePattern = /"data_age_seconds":\d+/

/**
 * Splits the beginning of an answer around its first `data_age_seconds`. Inside a text the quotes would be escaped, so none is
 * mistaken for it.
 */
export const aroundAge = (json: string): [before: string, after: string] => {
  const found = agePattern.exec(json)
  if (!found) throw new Error('the answer does not say its age')
  const start = found.index + '"data_age_seconds":'.length
  return [json.slice(0, start), json.slice(found.index + found[0].length)]
}

/** `age` is in seconds. */
export const sendWritten = (
  request: FastifyRequest,
  reply: FastifyReply,
  last: SentLast,
  dated: DatedBody,
  age: number | null,
): FastifyReply => {
  const encoding = dated.bytes < leastToCompress ? null : encodingOf(request)
  if (encoding) reply.header('content-encoding', encoding)
  const { sent } = last
  if (sent?.encoding === encoding && sent.age === age) {
    sent.body ??= bufferOf(dated.at(age))
    return reply.send(sent.body)
  }
  const whole = dated.at(age)
  const body = encoding && compress(encoding, whole)
  last.sent = { encoding, age, body }
  return reply.send(body ?? whole)
}

const bufferOf = (body: Body): Buffer => (typeof body === 'string' ? Buffer.from(body) : body)
