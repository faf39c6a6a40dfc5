import type { Clock } from '@velocast/runtime'
import type { AccessSettings } from './access-config.ts'
import { createAuthenticate, type VerifyToken } from './authenticate.ts'
import type { FollowedKeys } from './follow-keys.ts'
import type { Guard } from './guard-routes.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { shareOf } from './tiers.ts'

export interface GuardOptions {
  settings: AccessSettings
  keys: Pick<FollowedKeys, 'get' | 'isComplete'>
  verifyToken: VerifyToken | null
  clock: Clock
  /** Milliseconds of a clock that never goes back. */
  monotonicNow: () => number
  onRefused: Guard['onRefused']
}

/** What stands before the routes of a guarded replica. */
export const createGuard = (options: GuardOptions): Guard => {
  const { settings, clock, keys, verifyToken } = options
  return {
    authenticate: createAuthenticate({ clock, keys, verifyToken }),
    limiter: createRateLimiter({ now: options.monotonicNow }),
    limitOf: (tier) => shareOf(settings.tiers, tier, settings.replicas),
    anonymousTier: settings.anonymousTier,
    onRefused: options.onRefused,
  }
}
