/** An answer as it is written around the one number of it that time changes: its age. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { compress, encodingOf, leastToCompress } from './send-answer.ts'

/**
 * Text is on V8's heap and a buffer beside it, where each is a reason to mark all of the heap: an answer is text until it is
 * asked for twice as it is.
 */
type Body = string | Buffer

export interface WrittenAnswer {
  readonly before: Body
  /** What comes after the age; null where there is no age to be put in. */
  readonly after: Body | null
  /** What was sent last: many ask in the same second. */
  sent?: { encoding: 'br' | 'gzip' | null; age: number | null; body: Body }
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

/** The whole answer as of now. */
const bodyAt = ({ before, after }: WrittenAnswer, age: number | null): Body =>
  after === null ? before : `${before}${age}${after}`

/** `age` is in seconds. */
export const sendWritten = (
  request: FastifyRequest,
  reply: FastifyReply,
  answer: WrittenAnswer,
  age: number | null,
): FastifyReply => {
  const encoding =
    answer.before.length + (answer.after?.length ?? 0) < leastToCompress ? null : encodingOf(request)
  let { sent } = answer
  if (sent?.encoding !== encoding || sent.age !== age) {
    const body = bodyAt(answer, age)
    sent = { encoding, age, body: encoding ? compress(encoding, body) : body }
    answer.sent = sent
  } else if (typeof sent.body === 'string') sent.body = Buffer.from(sent.body)
  if (encoding) reply.header('content-encoding', encoding)
  return reply.send(sent.body)
}
