/** HTTP as feeds need it: bounded in time, size and redirects, polite, and never believing an address blindly. */
import type { Clock } from '@velocast/runtime'
import { FeedError, type FeedFailure, withoutSecrets } from '../feed-error.ts'
import product from '../package.json' with { type: 'json' }
import { readBoundedBody } from './read-bounded-body.ts'

export interface RequestOptions {
  /** The moment that is asked about: only a feed that can answer for other moments looks at it. */
  at: number
  /** The ETag of what is known already: the answer is then `unchanged` when that is still all there is. */
  etag?: string | null
}

export type Answer =
  | { kind: 'document'; document: unknown; etag: string | null; latencyMs: number }
  | { kind: 'unchanged'; latencyMs: number }

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
  /** Sent with every request. */
  headersAt?: (at: number) => Record<string, string>
  /** All attempts together. */
  budgetMs: number
  /** One attempt, body included. */
  timeoutMs: number
  /** Attempts in all. */
  attempts: number
  /** Which failures are worth another attempt, of those that may pass; all of them by default. */
  isRetried?: (failure: FeedFailure) => boolean
}

const USER_AGENT = `Velocast/${product.version} (+bike-share forecasts)`
const MAX_BODY_BYTES = 64 * 1024 * 1024
const MAX_REDIRECTS = 5
const FIRST_WAIT_MS = 500
const WORTH_ANOTHER_TRY = new Set([408, 425, 429, 500, 502, 503, 504])

export const createRequester = (options: RequesterOptions): RequestJson => {
  const { clock, random, wait, signal, budgetMs, attempts, isRetried = () => true } = options
  return async (address, request) => {
    const startedAt = clock.now()
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await requestOnce(options, address, request)
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error
        if (!isRetried(error.feedError.failure)) throw error.feedError
        // Full jitter: producers that failed together do not come back together.
        const waitMs = Math.max(error.retryAfterMs, random() * FIRST_WAIT_MS * 2 ** attempt)
        const isInBudget = clock.now() - startedAt + waitMs < budgetMs
        if (attempt >= attempts || !isInBudget) throw error.feedError
        await wait(waitMs, signal)
      }
    }
  }
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
  { fetch, clock, signal, timeoutMs, headersAt }: RequesterOptions,
  address: string,
  { at, etag }: RequestOptions,
): Promise<Answer> => {
  const startedAt = clock.now()
  const headers: Record<string, string> = {
    accept: 'application/json',
    'user-agent': USER_AGENT,
    ...(etag ? { 'if-none-match': etag } : {}),
    ...headersAt?.(at),
  }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  try {
    const response = await followRedirects(fetch, address, { headers, signal: limit })
    if (response.status === 304) {
      await response.body?.cancel()
      return { kind: 'unchanged', latencyMs: clock.now() - startedAt }
    }
    if (!response.ok) throw await refusal(response, address, clock.now())
    const text = await readBoundedBody(response, MAX_BODY_BYTES)
    const document = parseJson(text, address)
    const latencyMs = clock.now() - startedAt
    return { kind: 'document', document, etag: response.headers.get('etag'), latencyMs }
  } catch (error) {
    if (error instanceof FeedError || error instanceof RetryableError) throw error
    // To be stopped is no failure of the feed.
    signal.throwIfAborted()
    const why = limit.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error)
    throw new RetryableError(
      new FeedError('unreachable', `${withoutSecrets(address)} cannot be reached: ${why}`, error),
    )
  }
}

/** By hand, because every address on the way is checked, and there is an end to it. */
const followRedirects = async (
  fetch: RequesterOptions['fetch'],
  first: string,
  init: RequestInit,
): Promise<Response> => {
  let address = first
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    assertHttp(address)
    const response = await fetch(address, { ...init, redirect: 'manual' })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || response.status === 304 || location === null)
      return response
    await response.body?.cancel()
    address = new URL(location, address).href
  }
  throw new FeedError(
    'too-many-redirects',
    `${withoutSecrets(first)} redirects more than ${MAX_REDIRECTS} times`,
  )
}

const assertHttp = (address: string): void => {
  const protocol = URL.canParse(address) ? new URL(address).protocol : ''
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new FeedError('address', `a feed's address must begin with http:// or https://, not "${protocol}"`)
}

const refusal = async (response: Response, address: string, now: number): Promise<Error> => {
  const said = await readBoundedBody(response, 4096).catch(() => '')
  const error = new FeedError(
    'refused',
    `${withoutSecrets(address)} answers ${response.status}${said ? `: ${messageIn(said)}` : ''}`,
  )
  if (!WORTH_ANOTHER_TRY.has(response.status)) return error
  return new RetryableError(error, retryAfterMs(response.headers.get('retry-after'), now))
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

/** Seconds or an HTTP date. */
const retryAfterMs = (header: string | null, now: number): number => {
  if (header === null) return 0
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

/** A document cut off in the middle is not JSON either: worth another try. */
const parseJson = (text: string, address: string): unknown => {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch (error) {
    throw new RetryableError(
      new FeedError(
        'not-json',
        `${withoutSecrets(address)} is not JSON: ${reasonOf(error).slice(0, 120)}`,
        error,
      ),
    )
  }
}

/** fetch says "fetch failed" and keeps the reason in `cause`. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || (cause as NodeJS.ErrnoException).code || error.message
}
