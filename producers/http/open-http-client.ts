import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '@velocast/runtime'
import { Agent, fetch as fetchThrough } from 'undici'
import { createRequester, type RequesterOptions, type RequestJson } from './request-json.ts'

/** Many systems may be with one host: so many connections at once are polite, and some that hang leave others free. */
const CONNECTIONS_PER_HOST = 16
const CONNECT_MS = 5_000
const ATTEMPT_MS = 15_000
const ATTEMPTS = 4

export interface HttpClient {
  request: RequestJson
  close: () => Promise<void>
}

export interface HttpClientOptions
  extends Pick<RequesterOptions, 'clock' | 'signal' | 'budgetMs' | 'contact' | 'deadlineOf'> {
  clock: Clock
  /** Attempts for one document in all (default 4). */
  attempts?: number
}

/** The client by which every feed is read, by the producers and by `velocast system check` alike. */
export const openHttpClient = ({ attempts = ATTEMPTS, ...options }: HttpClientOptions): HttpClient => {
  const agent = new Agent({ connections: CONNECTIONS_PER_HOST, connect: { timeout: CONNECT_MS } })
  // undici's types and Node's are of two copies of the same thing.
  const fetch = ((address: string, init: object) =>
    fetchThrough(address, { ...init, dispatcher: agent })) as unknown as RequesterOptions['fetch']
  return {
    request: createRequester({
      ...options,
      fetch,
      random: Math.random,
      wait: (ms) => wait(ms, undefined, { signal: options.signal }),
      timeoutMs: Math.min(ATTEMPT_MS, options.budgetMs),
      attempts,
    }),
    // Whoever is still being asked is left.
    close: () => agent.destroy(),
  }
}
