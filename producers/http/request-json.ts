/** HTTP as feeds need it: bounded in time, size and redirects, polite, and never believing an address blindly. */
import type { Clock } from '@velocast/runtime'
import { FeedError, type FeedFailure, withoutSecrets } from '../feed-error.ts'
import { parseJson } from '../gbfs/parse-json.ts'
import product from '../package.json' with { type: 'json' }
import { type ApiKey, redact } from './api-key.ts'
import { createRedirectFollower, type RedirectFollower } from './follow-redirects.ts'
import { freshForMs, retryAfterMs } from './freshness.ts'
import { readBoundedBody } from './read-bounded-body.ts'
import type { Validators } from './validators.ts'
import { whyUnreachable } from './why-unreachable.ts'

export interface RequestOptions extends Validators {
  /** The moment that is asked about: only a feed that can answer for other moments looks at it. */
  at: number
  key?: ApiKey | undefined
}

export type Answer =
  | {
      kind: 'document'
      document: unknown
      etag: string | null
      lastModified?: string | null
      /** For how long HTTP's headers call the answer good. */
      freshForMs?: number
      latencyMs: number
    }
  /** That which the validators are of is still all there is. */
  | { kind: 'unchanged'; freshForMs?: number; latencyMs: number }

/** Asks for a JSON document. Throws a FeedError. */
export type RequestJson = (address: string, options: RequestOptions) => Promise<Answer>

export interface RequesterOptions {
  fetch: typeof fetch
  clock: Clock
  /** In [0, 1). */
  random: () => number
  /** Resolves after so many milliseconds, or rejects when the signal aborts. */
  wait: (ms: number, signal: AbortSignal) => Promise<unknown>
  signal: AbortSignal
  /** A page or address by which operators find whoever runs this; goes into the User-Agent. */
  contact?: string | undefined
  /** Sent with every request. */
  headersAt?: (at: number) => Record<string, string>
  /** All attempts together. */
  budgetMs: number
  /**
   * Until when there may be attempts, for a request that is about the moment `at` and begins now. By default each
   * request has the budget for itself; all requests of a poll share it when it is counted from `at`.
   */
  deadlineOf?: (at: number, now: number) => number
  /** One attempt, body included. */
  timeoutMs: number
  /** Attempts in all. */
  attempts: number
  /** Which failures are worth another attempt, of those that may pass; all of them by default. */
  isRetried?: (failure: FeedFailure) => boolean
}

/**
 * The largest station feeds have 3 MB. Nothing else happens while a document is parsed and read, which takes 10 to 40 ms a
 * megabyte.
 */
export const MOST_BODY_BYTES = 16 * 1024 * 1024
const FIRST_WAIT_MS = 500
const WORTH_ANOTHER_TRY = new Set([408, 425, 429, 500, 502, 503, 504])
/** A server that wants to be left alone is, but not until next year. */
const LONGEST_REST_MS = 60 * 60_000
const MAX_RESTING = 10_000

export const createRequester = (options: RequesterOptions): RequestJson => {
  const { clock, random, wait, signal, budgetMs, attempts, isRetried = () => true } = options
  const { deadlineOf = (_, now) => now + budgetMs } = options
  const redirects = createRedirectFollower()
  /** Until when an address wants to be left alone. */
  const restingUntil = new Map<string, number>()

  const rest = (address: string, until: number): void => {
    if (restingUntil.size >= MAX_RESTING) restingUntil.delete(restingUntil.keys().next().value!)
    restingUntil.set(address, Math.min(until, clock.now() + LONGEST_REST_MS))
  }
  return async (address, request) => {
    const deadline = deadlineOf(request.at, clock.now())
    assertRested(address, restingUntil.get(address) ?? 0, clock.now())
    assertTimeIsLeft(address, deadline, clock.now())
    restingUntil.delete(address)
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await requestOnce(options, redirects, deadline, address, request)
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error
        if (!isRetried(error.feedError.failure)) throw error.feedError
        // Full jitter: producers that failed together do not come back together.
        const waitMs = Math.max(error.retryAfterMs, random() * FIRST_WAIT_MS * 2 ** attempt)
        const now = clock.now()
        if (attempt >= attempts || now + waitMs >= deadline) {
          if (error.retryAfterMs > 0) rest(address, now + error.retryAfterMs)
          throw error.feedError
        }
        await wait(waitMs, signal)
      }
    }
  }
}

const assertRested = (address: string, until: number, now: number): void => {
  if (now >= until) return
  const from = new Date(until).toISOString()
  throw new FeedError('refused', `${withoutSecrets(address)} wants to be left alone until ${from}`)
}

/** What came before it in the same poll has used up its time. */
const assertTimeIsLeft = (address: string, deadline: number, now: number): void => {
  if (now < deadline) return
  throw new FeedError(
    'unreachable',
    `${withoutSecrets(address)} was not asked: the time for the poll is over`,
  )
}

class RetryableError extends Error {
  readonly feedError: FeedError
  readonly retryAfterMs: number

  constructor(feedError: FeedError, retryAfterMs = 0) {
    super(feedError.message)
    this.feedError = feedError
    this.retryAfterMs = retryAfterMs
  }
}

const requestOnce = async (
  { fetch, clock, signal, timeoutMs, headersAt, contact }: RequesterOptions,
  redirects: RedirectFollower,
  deadline: number,
  address: string,
  { at, etag, lastModified, key }: RequestOptions,
): Promise<Answer> => {
  const startedAt = clock.now()
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-encoding': 'br, gzip, deflate',
    'user-agent': userAgent(contact),
    ...(etag ? { 'if-none-match': etag } : {}),
    ...(lastModified ? { 'if-modified-since': lastModified } : {}),
    ...headersAt?.(at),
  }
  const limitMs = Math.max(1, Math.min(timeoutMs, deadline - startedAt))
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  try {
    const response = await redirects.follow(fetch, address, { headers, signal: limit, key })
    const now = clock.now()
    if (response.status === 304) {
      await response.body?.cancel()
      return { kind: 'unchanged', freshForMs: freshForMs(response.headers, now), latencyMs: now - startedAt }
    }
    if (!response.ok) throw await refusal(response, address, key, now)
    const text = await readBoundedBody(response, MOST_BODY_BYTES)
    const document = parseDocument(text, address)
    return {
      kind: 'document',
      document,
      etag: response.headers.get('etag'),
      lastModified: response.headers.get('last-modified'),
      freshForMs: freshForMs(response.headers, now),
      latencyMs: clock.now() - startedAt,
    }
  } catch (error) {
    if (error instanceof FeedError || error instanceof RetryableError) throw error
    // To be stopped is no failure of the feed.
    signal.throwIfAborted()
    const why = limit.aborted ? `no answer within ${Math.round(limitMs)} ms` : whyUnreachable(error)
    throw new RetryableError(
      new FeedError(
        'unreachable',
        `${withoutSecrets(address)} cannot be reached: ${redact(why, key)}`,
        key === undefined ? error : undefined,
      ),
    )
  }
}

const userAgent = (contact: string | undefined): string =>
  `Velocast/${product.version} (+bike-share forecasts${contact ? `; ${contact}` : ''})`

const refusal = async (
  response: Response,
  address: string,
  key: ApiKey | undefined,
  now: number,
): Promise<Error> => {
  const said = await readBoundedBody(response, 4096).catch(() => '')
  const error = new FeedError(
    'refused',
    `${withoutSecrets(address)} answers ${response.status}${said ? `: ${redact(messageIn(said), key)}` : ''}`,
  )
  if (!WORTH_ANOTHER_TRY.has(response.status)) return error
  return new RetryableError(error, retryAfterMs(response.headers, now))
}

/** Most services explain themselves in `message`, `detail` or `reason`. */
const messageIn = (body: string): string => {
  try {
    const { message, detail, reason, error } = JSON.parse(body)
    return String(message ?? detail ?? reason ?? error ?? body).slice(0, 200)
  } catch {
    return body.replace(/\s+/g, ' ').slice(0, 200)
  }
}

/** A document cut off in the middle is not JSON either: worth another try. */
const parseDocument = (text: string, address: string): unknown => {
  try {
    return parseJson(text)
  } catch (error) {
    throw new RetryableError(
      new FeedError(
        'not-json',
        `${withoutSecrets(address)} is not JSON: ${whyUnreachable(error).slice(0, 120)}`,
        error,
      ),
    )
  }
}
