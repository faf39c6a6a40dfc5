/**
 * Tokens of an OAuth 2.0 or OpenID Connect issuer. A token is good when the issuer has signed it by one of two algorithms
 * with a key of its published set, for this audience, and it has not expired. Nothing in the token says where keys are.
 */
import { type Clock, UnavailableError } from '@velocast/runtime'
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Authentication, VerifyToken } from './authenticate.ts'

export interface TokenSettings {
  readonly issuer: string
  readonly audience: string
  readonly jwksUrl: URL
  /** Of tokens that name none. */
  readonly tier: string
}

export interface TokenVerifierOptions {
  settings: Omit<TokenSettings, 'jwksUrl'>
  /** The issuer's key for a token. Throws an UnavailableError while it cannot be had. */
  getKey: JWTVerifyGetKey
  clock: Clock
  /** The issuer's keys cannot be had, or cannot be used. */
  onTrouble: (error: unknown) => void
}

/** RS256 and ES256 are what issuers sign with. None of them is `none`, and none takes a public key for a secret. */
const ALGORITHMS = ['RS256', 'ES256']
const CLOCK_TOLERANCE_SECONDS = 30
/** Of access tokens (RFC 9068) and of issuers that do not tell kinds apart; not of tokens for logging out, or of others. */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt'])
const LONGEST_SUBJECT = 200

export const createTokenVerifier = (options: TokenVerifierOptions): VerifyToken => {
  const { issuer, audience, tier } = options.settings
  return async (token) => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, options.getKey, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(options.clock.now()),
      })
      const type = (protectedHeader.typ ?? 'jwt').toLowerCase().replace(/^application\//, '')
      if (!TYPES.has(type)) return refused(`it is of the type "${type}", and not an access token`)
      // Whoever holds such a token must show that it is theirs, for which there is no way here.
      if (payload.cnf !== undefined)
        return refused('it is bound to a key of its holder, which is not supported')
      return { ok: true, caller: callerOf(payload, tier) }
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) {
        options.onTrouble(error)
        const why =
          error instanceof UnavailableError ? error.message : 'the keys of its issuer cannot be used'
        return {
          ok: false,
          status: 503,
          detail: `The token cannot be checked now: ${why}. Try again, or use an API key.`,
        }
      }
      return refused(reasonOf(error, { issuer, audience }))
    }
  }
}

const callerOf = (payload: JWTPayload, tier: string) => ({
  id: `token:${payload.sub!.slice(0, LONGEST_SUBJECT)}`,
  scopes: new Set([...wordsIn(payload.scope), ...wordsIn(payload.scp)]),
  tier: typeof payload.velocast_tier === 'string' ? payload.velocast_tier : tier,
})

/** Words separated by blanks, or a list of them, as issuers have it. */
const wordsIn = (claim: unknown): string[] => {
  const texts = Array.isArray(claim) ? claim : [claim]
  return texts.flatMap((text) => (typeof text === 'string' ? text.split(' ').filter(Boolean) : []))
}

const reasonOf = (error: errors.JOSEError, wanted: { issuer: string; audience: string }): string => {
  if (error instanceof errors.JWTExpired) return 'it has expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return `it is not for the audience "${wanted.audience}"`
    if (error.claim === 'iss') return `it is not from the issuer "${wanted.issuer}"`
    return `its claim "${error.claim}" is missing or wrong`
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return `it is not signed by ${ALGORITHMS.join(' or ')}`
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong'
  if (error instanceof errors.JWKSNoMatchingKey) return 'its issuer has no key of that name'
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return "it does not say by which of its issuer's keys (kid)"
  return 'it is not a signed JSON Web Token'
}

const refused = (reason: string): Authentication => ({
  ok: false,
  status: 401,
  detail: `The token is refused: ${reason}. Ask its issuer for another.`,
})
