import createClient, { type Client, type ClientOptions } from 'openapi-fetch'
import type { paths } from './generated/api.ts'

export type { paths } from './generated/api.ts'

/** What is read as JSON, which is what an answer is unless its request accepts something else. */
type Media = 'application/json' | 'application/problem+json'

export type VelocastClient = Client<paths, Media>

/**
 * A client of the predictor at `baseUrl`. Each call gives `{ data }`, or `{ error }`, a problem document (RFC 9457), with the
 * `response` beside it; it rejects only where there is no answer at all.
 */
export const createVelocastClient = (options: ClientOptions & { baseUrl: string }): VelocastClient =>
  createClient<paths, Media>(options)
