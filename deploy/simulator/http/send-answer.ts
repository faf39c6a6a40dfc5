import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Answer } from './answer.ts'

/** Below this a document is not worth compressing. */
const LEAST_TO_COMPRESS_BYTES = 1024
/** The quickest level: history is polled thousands of times at full speed, over the loopback. */
const GZIP_LEVEL = 1

/** Writes the answer: JSON, with an ETag and 304 for what the client already has, gzip where it is accepted. */
export const sendAnswer = (request: IncomingMessage, response: ServerResponse, answer: Answer): void => {
  const body = Buffer.from(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    vary: 'accept-encoding, velocast-at',
    ...answer.headers,
  }
  if (answer.status === 200) {
    headers.etag = `W/"${createHash('sha1').update(body).digest('base64url')}"`
    if (isKnown(request.headers['if-none-match'], headers.etag)) {
      response.writeHead(304, headers).end()
      return
    }
  }
  if (body.length >= LEAST_TO_COMPRESS_BYTES && acceptsGzip(request.headers['accept-encoding'])) {
    const compressed = gzipSync(body, { level: GZIP_LEVEL })
    response.writeHead(answer.status, {
      ...headers,
      'content-encoding': 'gzip',
      'content-length': compressed.length,
    })
    response.end(compressed)
    return
  }
  response.writeHead(answer.status, { ...headers, 'content-length': body.length })
  response.end(body)
}

const isKnown = (ifNoneMatch = '', etag: string): boolean =>
  ifNoneMatch
    .split(',')
    .map((tag) => tag.trim())
    .some((tag) => tag === '*' || bare(tag) === bare(etag))

/** Tags are compared weakly: gzip is another encoding of the same document. */
const bare = (tag: string): string => tag.replace(/^W\//, '')

const acceptsGzip = (acceptEncoding: string | undefined): boolean =>
  acceptEncoding !== undefined && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(acceptEncoding)
