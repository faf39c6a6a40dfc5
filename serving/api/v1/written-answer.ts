/** An answer as bytes around the one number of it that time changes: its age. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { compress, encodingOf, leastToCompress } from './send-answer.ts'

export interface WrittenAnswer {
  readonly before: Buffer
  /** What comes after the age; null where the bytes hold no age to be put in. */
  readonly after: Buffer | null
  /** What was sent last: many ask in the same second. */
  sent?: { encoding: 'br' | 'gzip' | null; age: number | null; body: Buffer }
}

const agePattern = /("data_age_seconds":)(\d+)/

/**
 * JSON around its first `data_age_seconds`: inside a text the quotes would be escaped, so none is mistaken for it. Both parts are
 * places in one buffer, which is what is sent as long as the age is the one that the JSON says: memory beside V8's heap,
 * several times for each answer, would have it mark the whole heap every second.
 */
export const writtenJson = (json: string): WrittenAnswer => {
  const found = agePattern.exec(json)
  if (!found) throw new Error('the answer does not say its age')
  const [, key, age] = found as unknown as [string, string, string]
  const body = Buffer.from(json)
  const start = Buffer.byteLength(json.slice(0, found.index)) + key.length
  return {
    before: body.subarray(0, start),
    after: body.subarray(start + age.length),
    sent: { encoding: null, age: Number(age), body },
  }
}

/** The whole answer as of now. */
const bodyAt = ({ before, after }: WrittenAnswer, age: number | null): Buffer =>
  after === null ? before : Buffer.concat([before, Buffer.from(String(age)), after])

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
  }
  if (encoding) reply.header('content-encoding', encoding)
  return reply.send(sent.body)
}
