import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, loadConfig } from '@velocast/runtime'
import { apiConfig } from '../config.ts'
import { readAccessSettings } from './access-config.ts'

const settings = (env: Record<string, string>) => readAccessSettings(loadConfig(apiConfig, env))

test('everything is open on loopback, and guarded everywhere else, unless it is said', () => {
  const cases: [env: Record<string, string>, isGuarded: boolean][] = [
    [{}, false],
    [{ API_HOST: 'localhost' }, false],
    [{ API_HOST: '127.1.2.3' }, false],
    [{ API_HOST: '::1' }, false],
    [{ API_HOST: '0.0.0.0' }, true],
    [{ API_HOST: '::' }, true],
    [{ API_HOST: '10.0.0.1' }, true],
    [{ API_HOST: '127.0.0.1.example.org' }, true],
    [{ API_HOST: '0.0.0.0', ACCESS: 'open' }, false],
    [{ ACCESS: 'guarded' }, true],
    // A proxy on the same machine lets the world in.
    [{ TRUSTED_PROXIES: '127.0.0.1' }, true],
  ]
  for (const [env, isGuarded] of cases) assert.equal(settings(env).isGuarded, isGuarded, JSON.stringify(env))
})

test('by default those who say nothing have ten requests a minute', () => {
  const { anonymousTier, tiers, corsOrigins, trustedProxies } = settings({})
  assert.equal(tiers.get(anonymousTier!), 10)
  assert.deepEqual([corsOrigins, trustedProxies], [null, null])
  assert.equal(settings({ ANONYMOUS_TIER: 'none' }).anonymousTier, null)
})

test('what makes no sense is a mistake in the configuration, and says which', () => {
  for (const [name, value] of [
    ['RATE_LIMIT_TIERS', 'free'],
    ['RATE_LIMIT_TIERS', 'free=ten'],
    ['RATE_LIMIT_TIERS', 'paid=10'],
    ['ANONYMOUS_TIER', 'golden'],
    ['CORS_ORIGINS', 'example.org'],
    ['CORS_ORIGINS', 'https://example.org/path'],
    ['TRUSTED_PROXIES', '1'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', 'proxy.local'],
    ['ACCESS', 'no'],
  ] as const)
    assert.throws(
      () => settings({ [name]: value }),
      (error) => error instanceof ConfigError && error.message.includes(name),
      `${name}=${value}`,
    )
})
