import type { Clock } from '@velocast/runtime'
import type { AccessSettings } from './access-config.ts'
import { createAuthenticate, type VerifyToken } from './authenticate.ts'
import type { FollowedKeys } from './follow-keys.ts'
import type { Guard } from './guard-routes.ts'
import { createIssuerKeys } from './issuer-keys.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { shareOf } from './tiers.ts'
import { createTokenVerifier } from './token-verifier.ts'

export interface GuardOptions {
  settings: AccessSettings
  keys: Pick<FollowedKeys, 'get' | 'isComplete'>
  /** Instead of the issuer that the settings name. */
  verifyToken?: VerifyToken
  clock: Clock
  /** Milliseconds of a clock that never goes back. */
  monotonicNow: () => number
  onRefused: Guard['onRefused']
  onIssuerTrouble: (error: unknown) => void
}

/** What stands before the routes of a guarded replica. */
export const createGuard = (options: GuardOptions): Guard => {
  const { settings, clock, keys } = options
  const verifyToken = options.verifyToken ?? verifierOf(options)
  return {
    authenticate: createAuthenticate({ clock, keys, verifyToken }),
    limiter: createRateLimiter({ now: options.monotonicNow }),
    limitOf: (tier) => shareOf(settings.tiers, tier, settings.replicas),
    anonymousTier: settings.anonymousTier,
    onRefused: options.onRefused,
  }
}

const verifierOf = ({ settings, clock, onIssuerTrouble }: GuardOptions): VerifyToken | null => {
  if (!settings.tokens) return null
  const { jwksUrl } = settings.tokens
  return createTokenVerifier({
    settings: settings.tokens,
    getKey: createIssuerKeys({ jwksUrl, clock, request: fetch, onAway: onIssuerTrouble }),
    clock,
    onTrouble: onIssuerTrouble,
  })
}
