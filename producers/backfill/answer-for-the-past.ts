import { UnavailableError } from '@velocast/runtime'
import { FeedError } from '../feed-error.ts'
import { isObject } from '../gbfs/read-envelope.ts'
import { readMoment } from '../gbfs/read-moment.ts'
import type { RequestJson } from '../http/request-json.ts'

/** Answers as of the moment in this header, ISO 8601, instead of now. */
export const AS_OF_HEADER = 'velocast-at'

const CLOCK_SKEW_MS = 60_000

/**
 * A requester for a back-fill. A feed that ignores the moment would fill history with the present: that is refused. A
 * server that is away is not an outage of the feed at that moment: the back-fill ends, and is resumed later. ETags are
 * of no use, for they are of other moments.
 */
export const answerForThePast =
  (request: RequestJson): RequestJson =>
  async (address, options) => {
    const { at } = options
    try {
      const answer = await request(address, { ...options, at, etag: null, lastModified: null })
      if (answer.kind === 'document') assertAsOf(answer.document, at)
      return answer
    } catch (error) {
      if (error instanceof FeedError && error.failure === 'unreachable')
        throw new UnavailableError(new URL(address).origin, error)
      throw error
    }
  }

const assertAsOf = (document: unknown, at: number): void => {
  const updatedAt = isObject(document)
    ? readMoment(document.last_updated, { field: 'last_updated', major: 2, note: () => {} })
    : null
  if (updatedAt !== null && updatedAt > at + CLOCK_SKEW_MS)
    throw new Error(
      `the feed was asked about ${new Date(at).toISOString()} and answers of ${new Date(updatedAt).toISOString()}: ` +
        `only a simulator or a recorded-feed player, which understand "${AS_OF_HEADER}", can fill in the past`,
    )
}
