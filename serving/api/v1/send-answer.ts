/** Writes answers: the format by Accept, the headers that say how old they are, 304 for what is known, compression. */
import { createHash, randomUUID } from 'node:crypto'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from '../http-problem.ts'
import { isoTime } from '../present-forecast.ts'
import { type AboutAnswer, dataAgeSeconds } from './answer-head.ts'
import { chooseEncoding, chooseMediaType } from './negotiate.ts'

export const mediaTypes = {
  json: 'application/json',
  geojson: 'application/geo+json',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
} as const
export type MediaType = (typeof mediaTypes)[keyof typeof mediaTypes]

/** Smaller ones cost more than they save. */
export const leastToCompress = 1024

export const mediaTypeOf = <T extends MediaType>(request: FastifyRequest, offered: readonly T[]): T => {
  const chosen = chooseMediaType(request.headers.accept, offered)
  if (chosen) return chosen
  throw new HttpProblem(
    406,
    `This is answered as ${offered.join(', ')}, and Accept names none of them.`,
    'not-acceptable',
  )
}

/** Names this process in the entity tags of answers that are told apart by how often its knowledge has changed. */
const processId = randomUUID()

/** Weak, for two answers of the same knowledge differ in the second of their age. */
export const etagOf = (...parts: readonly unknown[]): string =>
  weakEtag(JSON.stringify([processId, ...parts]))

export const weakEtag = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return `W/"${hash.digest('base64url')}"`
}

const isKnown = (request: FastifyRequest, etag: string): boolean => {
  const known = request.headers['if-none-match']
  return known !== undefined && (known === '*' || known.split(',').some((each) => each.trim() === etag))
}

export interface AnswerHeaders {
  about: AboutAnswer
  etag: string
  type: MediaType
  maxAgeSeconds: number
}

/** The headers of an answer that time does not change. */
export const lastingHeaders = ({
  about: { asOf, model, reasons },
  etag,
  type,
}: Omit<AnswerHeaders, 'maxAgeSeconds'>): Record<string, string> => ({
  etag,
  vary: 'accept, accept-encoding',
  'content-type': type === mediaTypes.csv || type === mediaTypes.json ? `${type}; charset=utf-8` : type,
  'velocast-degraded': reasons.length === 0 ? 'false' : reasons.join(', '),
  ...(asOf !== null && { 'velocast-as-of': isoTime(asOf) }),
  ...(model && { 'velocast-model': encodeURI(`${model.name}/${model.version}`) }),
})

/** Sets the headers of an answer; whether the client has it already, so that a 304 is all it needs. */
export const beginAnswer = (
  request: FastifyRequest,
  reply: FastifyReply,
  headers: AnswerHeaders,
): 'known' | 'wanted' =>
  beginWith(request, reply, lastingHeaders(headers), headers.maxAgeSeconds, dataAgeSeconds(headers.about))

/** The same with headers that were made before. `age` is in seconds, null before the first report. */
export const beginWith = (
  request: FastifyRequest,
  reply: FastifyReply,
  lasting: Record<string, string>,
  maxAgeSeconds: number,
  age: number | null,
): 'known' | 'wanted' => {
  reply.headers(lasting)
  reply.header('cache-control', `max-age=${maxAgeSeconds}`)
  if (age !== null) reply.header('velocast-data-age-seconds', String(age))
  if (!isKnown(request, lasting.etag!)) return 'wanted'
  reply.removeHeader('content-type')
  return 'known'
}

export const encodingOf = (request: FastifyRequest) => chooseEncoding(request.headers['accept-encoding'])

export const compress = (encoding: 'br' | 'gzip', body: string | Buffer): Buffer =>
  encoding === 'gzip'
    ? gzipSync(body, { level: 4 })
    : brotliCompressSync(body, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 4,
          [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
        },
      })

export const sendBody = (request: FastifyRequest, reply: FastifyReply, body: Buffer): FastifyReply => {
  const encoding = body.length < leastToCompress ? null : encodingOf(request)
  if (!encoding) return reply.send(body)
  return reply.header('content-encoding', encoding).send(compress(encoding, body))
}

export interface Answer {
  about: AboutAnswer
  /** What the answer was made of: as long as it is the same, so is the answer. */
  madeOf: readonly unknown[]
  maxAgeSeconds: number
  /** In the order of preference. */
  formats: Partial<Record<MediaType, () => string | Buffer | Promise<string | Buffer>>>
}

/** An answer that is written whole. */
export const sendAnswer = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { about, madeOf, maxAgeSeconds, formats }: Answer,
): Promise<FastifyReply> => {
  const type = mediaTypeOf(request, Object.keys(formats) as MediaType[])
  const etag = etagOf(type, request.url, about.model, about.reasons, ...madeOf)
  if (beginAnswer(request, reply, { about, etag, type, maxAgeSeconds }) === 'known')
    return reply.code(304).send()
  return sendBody(request, reply, Buffer.from((await formats[type]!()) as string))
}
