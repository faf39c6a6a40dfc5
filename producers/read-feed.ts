import { FeedError } from './feed-error.ts'
import type { ReadDocument } from './gbfs/find-feeds.ts'
import type { RequestJson, RequestOptions } from './http/request-json.ts'

/** What came of asking for a feed. */
export type FeedReading<T> =
  | {
      kind: 'read'
      reading: T
      etag: string | null
      lastModified?: string | null
      freshForMs?: number
      latencyMs: number
    }
  | { kind: 'unchanged'; freshForMs?: number; latencyMs: number }
  | { kind: 'failed'; error: FeedError; latencyMs: number }

/** Asks for a feed and reads it. A feed that cannot be used is a value; any other error is thrown. */
export const readFeed = async <T>(
  request: RequestJson,
  address: string,
  options: RequestOptions,
  read: (document: unknown) => T,
): Promise<FeedReading<T>> => {
  let latencyMs = 0
  try {
    const answer = await request(address, options)
    latencyMs = answer.latencyMs
    if (answer.kind === 'unchanged') return answer
    const { document, ...about } = answer
    return { ...about, kind: 'read', reading: read(document) }
  } catch (error) {
    if (error instanceof FeedError) return { kind: 'failed', error, latencyMs }
    throw error
  }
}

/** Reads documents of which nothing is known before. */
export const documentReader =
  (request: RequestJson, at: number): ReadDocument =>
  async (address, read) => {
    const found = await readFeed(request, address, { at }, read)
    if (found.kind === 'read') return found.reading
    return found.kind === 'failed'
      ? found.error
      : new FeedError('not-as-specified', 'it answers "not modified" to a first request')
  }
