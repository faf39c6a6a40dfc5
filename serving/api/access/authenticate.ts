import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '@velocast/runtime'
import { isSecretOf, keyStateAt, parseApiKey } from './api-key.ts'
import type { Caller } from './caller.ts'
import type { FollowedKeys } from './follow-keys.ts'

export type Authentication =
  | { ok: true; caller: Caller }
  /** 401: they are not who they say; 503: it cannot be told yet. The detail says what to do. */
  | { ok: false; status: 401 | 503; detail: string }

/** Says whose token it is. Rejects only for bugs. */
export type VerifyToken = (token: string) => Promise<Authentication>

export interface AuthenticateOptions {
  clock: Clock
  keys: Pick<FollowedKeys, 'get' | 'isComplete'>
  /** Null where no tokens are taken. */
  verifyToken: VerifyToken | null
}

/** Who sends these headers; null when they do not say. */
export const createAuthenticate =
  (options: AuthenticateOptions) =>
  async (headers: IncomingHttpHeaders): Promise<Authentication | null> => {
    const { authorization, 'x-api-key': apiKey } = headers
    if (apiKey !== undefined) return checkKey(options, String(apiKey))
    if (authorization === undefined) return null
    const [, credentials] = /^bearer +([^ ]+) *$/i.exec(authorization) ?? []
    if (credentials === undefined)
      return refused('Write the header as "Authorization: Bearer KEY", or "X-API-Key: KEY".')
    if (credentials.startsWith('velocast_')) return checkKey(options, credentials)
    if (options.verifyToken) return options.verifyToken(credentials)
    return refused(
      'This server takes API keys alone, no tokens: `velocast keys create` makes one, or ask whoever runs this server.',
    )
  }

const checkKey = ({ keys, clock }: AuthenticateOptions, text: string): Authentication => {
  const parsed = parseApiKey(text)
  if (!parsed)
    return refused('This is not a key: a key is velocast_, 12 digits, _ and 43 characters, sent whole.')
  const key = keys.get(parsed.keyId)
  if (!key && !keys.isComplete())
    return {
      ok: false,
      status: 503,
      detail: 'The keys are not known here yet, since Kafka has not answered: try again in a few seconds.',
    }
  if (!key || !isSecretOf(key, parsed.secret))
    return refused(
      'This key is not known: `velocast keys create` makes one, or ask whoever runs this server.',
    )
  const state = keyStateAt(key, clock.now())
  if (state === 'good')
    return { ok: true, caller: { id: `key:${key.keyId}`, scopes: new Set(key.scopes), tier: key.tier } }
  const since = new Date((state === 'revoked' ? key.revokedAt : key.expiresAt) as number).toISOString()
  return refused(
    state === 'revoked'
      ? `The key ${key.keyId} was revoked at ${since}: ask for another.`
      : `The key ${key.keyId} has expired at ${since}: ask for another.`,
  )
}

const refused = (detail: string): Authentication => ({ ok: false, status: 401, detail })
