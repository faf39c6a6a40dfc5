/**
 * The issuer's published keys. They are fetched when they are needed and ten minutes old; a key that is not among them is
 * looked for once in 30 seconds, however many tokens name one. While the issuer is away, what was fetched last is good for
 * a day, and the issuer is asked once in ten seconds.
 */
import { type Clock, UnavailableError } from '@velocast/runtime'
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'

export interface IssuerKeysOptions {
  jwksUrl: URL
  clock: Clock
  request: typeof fetch
  /** The issuer cannot be reached; tokens may be checked with the keys of before. */
  onAway: (error: unknown) => void
}

const AGE_MS = 10 * 60_000
const COOL_DOWN_MS = 30_000
const WITHIN_MS = 5_000
const ASKED_AGAIN_AFTER_MS = 10_000
const GOOD_WHILE_AWAY_MS = 24 * 60 * 60_000

export const createIssuerKeys = ({ jwksUrl, clock, request, onAway }: IssuerKeysOptions): JWTVerifyGetKey => {
  const remote = createRemoteJWKSet(jwksUrl, {
    cacheMaxAge: AGE_MS,
    cooldownDuration: COOL_DOWN_MS,
    timeoutDuration: WITHIN_MS,
    [customFetch]: async (url, init) => {
      const response = await request(url, init)
      if (response.ok) fetchedAt = clock.now()
      return response
    },
  })
  let fetchedAt = Number.NEGATIVE_INFINITY
  let askAt = Number.NEGATIVE_INFINITY
  let trouble: unknown = null

  return async (header, token) => {
    if (clock.now() >= askAt) {
      try {
        const key = await remote(header, token)
        trouble = null
        return key
      } catch (error) {
        if (isAboutToken(error)) throw error
        trouble = error
        askAt = clock.now() + ASKED_AGAIN_AFTER_MS
        onAway(error)
      }
    }
    const known = remote.jwks()
    if (!known || clock.now() - fetchedAt > GOOD_WHILE_AWAY_MS)
      throw new UnavailableError('the issuer of tokens', trouble)
    return createLocalJWKSet(known)(header, token)
  }
}

/** The keys were there, and none of them is the token's. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported
