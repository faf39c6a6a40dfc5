import { type Clock, UnavailableError } from '@velocast/runtime'
import type { WebhookTarget } from './webhook-target.ts'

export interface PostMessageOptions {
  target: Pick<WebhookTarget, 'title' | 'address'>
  clock: Clock
  /** Ends what is under way, and all that follows, with its own reason. */
  signal: AbortSignal
  withinMs?: number
}

/** `refused`: the receiver wants no such message, now or later. */
export type Posted = { outcome: 'acknowledged' } | { outcome: 'refused'; detail: string }

const WITHIN_MS = 10_000
/** A receiver that asks for more patience is asked again all the same. */
const LONGEST_PATIENCE_MS = 60 * 60 * 1000
/** Beside 5xx: it took too long, or came too early or too often. */
const AGAIN_LATER = new Set([408, 425, 429])

/**
 * Posts messages, one at a time. Throws an UnavailableError for whatever passes by itself: no answer in time, 429, 5xx. After
 * one that names a time (`Retry-After`) the receiver is left alone until then. The address is in no error: it is a secret.
 */
export const createPoster = ({
  target,
  clock,
  signal,
  withinMs = WITHIN_MS,
}: PostMessageOptions): ((body: object) => Promise<Posted>) => {
  let quietUntil = 0
  const unavailable = (what: string): UnavailableError => new UnavailableError(target.title, new Error(what))

  return async (body) => {
    signal.throwIfAborted()
    if (clock.now() < quietUntil)
      throw unavailable(`it wants to be left alone until ${new Date(quietUntil).toISOString()}`)
    const response = await fetch(target.address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // What is sent after a redirect would be a GET without a body.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]),
    }).catch((error) => {
      signal.throwIfAborted()
      throw unavailable(nameOf(error))
    })
    const { status } = response
    // Read to its end, for the connection's sake; that there was an answer is all that counts.
    const text = await response.text().catch(() => '')
    if (response.ok) return { outcome: 'acknowledged' }
    if (status >= 500 || AGAIN_LATER.has(status)) {
      quietUntil = clock.now() + patienceMs(response.headers.get('retry-after'), clock.now())
      throw unavailable(`it answered ${status}`)
    }
    return { outcome: 'refused', detail: `it answered ${status}${wordIn(text)}` }
  }
}

/** Seconds or a date; 0 where it says nothing. */
const patienceMs = (retryAfter: string | null, now: number): number => {
  if (retryAfter === null) return 0
  const seconds = Number(retryAfter)
  const wanted = Number.isNaN(seconds) ? Date.parse(retryAfter) - now : seconds * 1000
  return wanted > 0 ? Math.min(wanted, LONGEST_PATIENCE_MS) : 0
}

/** Its code: the message of an error of fetch may hold the address. */
const nameOf = (error: { name?: string; cause?: { code?: string } }): string =>
  error.name === 'TimeoutError' ? 'no answer in time' : (error.cause?.code ?? error.name ?? 'no connection')

/** Slack says what is wrong in one word; anything longer may repeat the address. */
const wordIn = (text: string): string => (/^[a-z]+(_[a-z]+)*$/.test(text) ? `: ${text.slice(0, 60)}` : '')
