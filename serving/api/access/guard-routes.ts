/**
 * Asks who calls, counts, and looks whether they may, before a route's own work and before its body is read:
 *
 *   1. routes of the scope `public` pass, uncounted: probes and documents
 *   2. who it is; whoever shows a key or a token that is not good is counted by address, like those who show none
 *   3. the limit of their tier
 *   4. the scope of the route
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from '../http-problem.ts'
import type { TypedApp } from '../typed-app.ts'
import { addressGroup } from './address-group.ts'
import type { Authentication } from './authenticate.ts'
import type { Caller } from './caller.ts'
import type { Quota, RateLimiter } from './rate-limiter.ts'
import { type RouteScope, scopeOfPath, scopes } from './scopes.ts'
import { FREE_TIER } from './tiers.ts'

export interface Guard {
  readonly authenticate: (headers: FastifyRequest['headers']) => Promise<Authentication | null>
  readonly limiter: RateLimiter
  /** Requests a minute on this replica; 0: as many as they like. */
  readonly limitOf: (tier: string) => number
  /** Null: a key or a token is needed. */
  readonly anonymousTier: string | null
  /** Who was turned away: reasons are few, since they are a metric's label. */
  readonly onRefused: (reason: 'unauthenticated' | 'forbidden' | 'limited') => void
}

const CHALLENGE = 'Bearer realm="velocast"'
const ANONYMOUS_SCOPES: ReadonlySet<string> = new Set(['forecasts:read'])
const NOBODY: Caller = { id: 'anonymous', scopes: new Set(), tier: FREE_TIER }
const LOCAL: Caller = { id: 'local', scopes: new Set(Object.keys(scopes)), tier: FREE_TIER }

/** Call before routes are added. Without a guard everybody is `local` and may do everything. */
export const guardRoutes = (app: TypedApp, guard: Guard | null): void => {
  app.decorateRequest('caller', null as never)
  app.addHook('onRoute', (route) => {
    route.config = { scope: scopeOfPath(route.url), ...route.config }
  })
  app.addHook('onRequest', async (request, reply) => {
    if (!guard) {
      request.caller = LOCAL
      return
    }
    request.caller = NOBODY
    // Where there is no route, no scope: whoever looks for one is counted too.
    const scope = request.routeOptions.config.scope ?? 'forecasts:read'
    if (scope !== 'public') request.caller = await admit(guard, request, reply, scope)
  })
}

const admit = async (
  guard: Guard,
  request: FastifyRequest,
  reply: FastifyReply,
  scope: Exclude<RouteScope, 'public'>,
): Promise<Caller> => {
  const shown = await guard.authenticate(request.headers)
  const anonymous: Caller = { ...NOBODY, scopes: ANONYMOUS_SCOPES, tier: guard.anonymousTier ?? FREE_TIER }
  const caller = shown?.ok ? shown.caller : anonymous
  count(guard, caller, request, reply)
  if (shown && !shown.ok) {
    guard.onRefused('unauthenticated')
    if (shown.status === 503) throw new HttpProblem(503, shown.detail, null, { 'retry-after': '2' })
    throw unauthenticated(shown.detail, `${CHALLENGE}, error="invalid_token"`)
  }
  const mayAsk = shown !== null || guard.anonymousTier !== null
  if (mayAsk && caller.scopes.has(scope)) return caller
  if (!shown) {
    guard.onRefused('unauthenticated')
    throw unauthenticated(
      `Send a key as "Authorization: Bearer KEY" or "X-API-Key: KEY" that has the scope ${scope}: \`velocast keys create\` makes one.`,
      CHALLENGE,
    )
  }
  guard.onRefused('forbidden')
  request.caller = caller
  throw new HttpProblem(
    403,
    `${caller.id} lacks the scope ${scope} (${scopes[scope]}): ask for a key or a token that has it.`,
    null,
    { 'www-authenticate': `${CHALLENGE}, error="insufficient_scope", scope="${scope}"` },
  )
}

const unauthenticated = (detail: string, challenge: string): HttpProblem =>
  new HttpProblem(401, detail, null, { 'www-authenticate': challenge })

const count = (guard: Guard, caller: Caller, request: FastifyRequest, reply: FastifyReply): void => {
  const limit = guard.limitOf(caller.tier)
  if (limit === 0) return
  const name = caller.id === 'anonymous' ? `address:${addressGroup(request.ip)}` : caller.id
  const quota = guard.limiter.take(name, limit)
  reply.headers(quotaHeaders(quota, caller.tier))
  if (quota.isAllowed) return
  guard.onRefused('limited')
  throw new HttpProblem(
    429,
    `This is more than ${limit} requests a minute, the limit of the tier "${caller.tier}" here: wait ${quota.resetSeconds} s${
      caller.id === 'anonymous' ? ', or send a key of another tier' : ''
    }.`,
    null,
    { 'retry-after': String(quota.resetSeconds) },
  )
}

/** In the words of the present draft (RateLimit, RateLimit-Policy), and in those of its forerunners that clients read. */
const quotaHeaders = ({ limit, remaining, resetSeconds }: Quota, tier: string): Record<string, string> => ({
  'ratelimit-policy': `"${tier}";q=${limit};w=60`,
  ratelimit: `"${tier}";r=${remaining};t=${resetSeconds}`,
  'ratelimit-limit': String(limit),
  'ratelimit-remaining': String(remaining),
  'ratelimit-reset': String(resetSeconds),
})
