import { isIP } from 'node:net'
import { ConfigError } from '@velocast/runtime'
import { type Static, Type } from 'typebox'
import { FREE_TIER, parseTiers, type Tiers } from './tiers.ts'
import type { TokenSettings } from './token-verifier.ts'

/** Who may ask what, how often. The README has them in a table. */
export const accessConfig = {
  ACCESS: Type.Optional(
    Type.Union([Type.Literal('open'), Type.Literal('guarded')], {
      description:
        'open: nobody is asked who they are, nothing is limited; guarded: keys, scopes and limits hold. By default open where API_HOST is loopback and no TRUSTED_PROXIES are named, else guarded',
    }),
  ),
  ANONYMOUS_TIER: Type.String({
    default: FREE_TIER,
    description: 'the tier of those who show no key, counted by address; none: a key or a token is needed',
  }),
  RATE_LIMIT_TIERS: Type.String({
    default: `${FREE_TIER}=10,standard=600,partner=6000`,
    description: 'requests a minute by tier, separated by commas; 0: as many as they like',
  }),
  RATE_LIMIT_REPLICAS: Type.Integer({
    minimum: 1,
    default: 1,
    description: 'among how many replicas requests are spread: each lets through its share of a limit',
  }),
  OIDC_ISSUER: Type.String({
    default: '',
    description:
      'whose bearer tokens are taken, as their claim iss has it; needs the next two. By default none',
  }),
  OIDC_AUDIENCE: Type.String({ default: '', description: 'what the claim aud must name' }),
  OIDC_JWKS_URL: Type.String({ default: '', description: "where the issuer's keys are published, by https" }),
  OIDC_TIER: Type.String({
    default: 'standard',
    description: 'the tier of tokens without a claim velocast_tier',
  }),
  CORS_ORIGINS: Type.String({
    default: '',
    description:
      'whose pages may ask from a browser, such as https://example.org, separated by commas; *: all',
  }),
  TRUSTED_PROXIES: Type.String({
    default: '',
    description:
      'proxies whose X-Forwarded-For is believed, hop by hop: addresses or networks separated by commas. How many there are says nothing: whoever gets past them would be believed too',
  }),
}

const AccessConfig = Type.Object({ ...accessConfig, API_HOST: Type.String() })
export type AccessConfig = Static<typeof AccessConfig>

export interface AccessSettings {
  readonly isGuarded: boolean
  /** Null: a key or a token is needed. */
  readonly anonymousTier: string | null
  readonly tiers: Tiers
  readonly replicas: number
  /** Null: no tokens are taken. */
  readonly tokens: TokenSettings | null
  /** Null: no page of another origin. */
  readonly corsOrigins: readonly string[] | '*' | null
  /** Addresses and networks; null: nobody's word for another's address. */
  readonly trustedProxies: string[] | null
}

/** Throws a ConfigError that names every mistake. */
export const readAccessSettings = (config: AccessConfig): AccessSettings => {
  const mistakes: string[] = []
  const attempt = <T>(name: keyof AccessConfig, read: () => T, instead: T): T => {
    try {
      return read()
    } catch (error) {
      mistakes.push(`${name}=${JSON.stringify(config[name])}: ${(error as Error).message}`)
      return instead
    }
  }
  const tiers = attempt('RATE_LIMIT_TIERS', () => parseTiers(config.RATE_LIMIT_TIERS), new Map())
  const anonymousTier = config.ANONYMOUS_TIER === 'none' ? null : config.ANONYMOUS_TIER
  if (anonymousTier !== null && tiers.size > 0 && !tiers.has(anonymousTier))
    mistakes.push(`ANONYMOUS_TIER=${anonymousTier}: RATE_LIMIT_TIERS has no such tier`)
  const settings: AccessSettings = {
    isGuarded: isGuarded(config),
    anonymousTier,
    tiers,
    replicas: config.RATE_LIMIT_REPLICAS,
    tokens: attempt('OIDC_JWKS_URL', () => readTokenSettings(config), null),
    corsOrigins: attempt('CORS_ORIGINS', () => parseOrigins(config.CORS_ORIGINS), null),
    trustedProxies: attempt('TRUSTED_PROXIES', () => parseProxies(config.TRUSTED_PROXIES), null),
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return settings
}

/** A proxy on the same machine reaches loopback for all the world: whoever names one is not developing. */
const isGuarded = ({ ACCESS, API_HOST, TRUSTED_PROXIES }: AccessConfig): boolean =>
  ACCESS === undefined ? !isLoopback(API_HOST) || TRUSTED_PROXIES !== '' : ACCESS === 'guarded'

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

const readTokenSettings = (config: AccessConfig): TokenSettings | null => {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: address, OIDC_TIER: tier } = config
  if (!issuer && !audience && !address) return null
  if (!issuer || !audience || !address)
    throw new Error('OIDC_ISSUER, OIDC_AUDIENCE and OIDC_JWKS_URL are needed together')
  const jwksUrl = URL.parse(address)
  if (!jwksUrl) throw new Error('it is not an address')
  if (jwksUrl.protocol !== 'https:' && !isLoopback(jwksUrl.hostname))
    throw new Error("keys that come by other ways than https may be anybody's")
  return { issuer, audience, jwksUrl, tier }
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

const parseOrigins = (text: string): string[] | '*' | null => {
  const origins = listOf(text)
  if (origins.includes('*')) return '*'
  for (const origin of origins)
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new Error(`"${origin}" is not an origin, such as https://example.org`)
  return origins.length > 0 ? origins : null
}

const parseProxies = (text: string): string[] | null => {
  const proxies = listOf(text)
  for (const proxy of proxies)
    if (!isNetwork(proxy)) throw new Error(`"${proxy}" is not an address or a network, such as 10.0.0.0/8`)
  return proxies.length > 0 ? proxies : null
}

const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
