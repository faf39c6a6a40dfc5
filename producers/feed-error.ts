import { printableText } from './gbfs/printable.ts'

/** Why a feed could not be read. A closed list, so that it can be a metric's label. */
export type FeedFailure =
  | 'address' // not an http or https address
  | 'unreachable' // no connection, or no answer in time
  | 'refused' // the server answered with an error status
  | 'too-large'
  | 'too-many-redirects'
  | 'not-json'
  | 'not-as-specified' // JSON, but not the document that was asked for

/**
 * A feed as a whole cannot be used: the poll has failed, the producer goes on. The message names the feed's address
 * without its query, because a query may hold a key.
 */
export class FeedError extends Error {
  override name = 'FeedError'
  readonly failure: FeedFailure

  constructor(failure: FeedFailure, message: string, cause?: unknown) {
    // It may quote the feed, and goes into the log, the table and a terminal.
    super(printableText(message), { cause })
    this.failure = failure
  }
}

/** An address that may be shown and logged: keys travel in queries and in the part before the @. */
export const withoutSecrets = (address: string): string => {
  try {
    const url = new URL(address)
    return `${url.origin}${url.pathname}`
  } catch {
    return 'an address that is none'
  }
}
