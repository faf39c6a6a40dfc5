/** An answer as bytes around the one number of it that time changes: its age. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type AboutAnswer, dataAgeSeconds } from './answer-head.ts'
import { compress, encodingOf, sendBody } from './send-answer.ts'

export interface WrittenAnswer {
  readonly before: Buffer
  /** What comes after the age; null where the bytes hold no age to be put in. */
  readonly after: Buffer | null
  /** The last one that was compressed: many ask in the same second. */
  compressed?: { encoding: 'br' | 'gzip'; age: number | null; body: Buffer }
}

const agePattern = /"data_age_seconds":\d+/

/** Splits JSON around its first `data_age_seconds`. Inside a text the quotes would be escaped, so none is mistaken for it. */
export const writtenJson = (json: string): WrittenAnswer => {
  const found = agePattern.exec(json)
  if (!found) throw new Error('the answer does not say its age')
  const start = found.index + '"data_age_seconds":'.length
  return {
    before: Buffer.from(json.slice(0, start)),
    after: Buffer.from(json.slice(found.index + found[0].length)),
  }
}

/** The whole answer as of now. */
export const bodyAt = ({ before, after }: WrittenAnswer, age: number | null): Buffer =>
  after === null ? before : Buffer.concat([before, Buffer.from(String(age)), after])

export const sendWritten = (
  request: FastifyRequest,
  reply: FastifyReply,
  answer: WrittenAnswer,
  about: AboutAnswer,
): FastifyReply => {
  const encoding = encodingOf(request)
  const age = dataAgeSeconds(about)
  if (!encoding) return sendBody(request, reply, bodyAt(answer, age))
  const kept = answer.compressed
  if (kept?.encoding !== encoding || kept.age !== age)
    answer.compressed = { encoding, age, body: compress(encoding, bodyAt(answer, age)) }
  return reply.header('content-encoding', encoding).send(answer.compressed!.body)
}
