/** Attacks on tokens that were made in earnest somewhere, and the ways in which an issuer can be away. */
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { forecastUrl, type GuardedServer, openGuardedServer } from './testing/guarded-server.ts'

const issuer = 'https://issuer.example'
const audience = 'velocast'
const seconds = (time: number): number => Math.floor(time / 1000)
const base64url = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url')

describe('tokens', async () => {
  const rsa = await generateKeyPair('RS256', { extractable: true })
  const ec = await generateKeyPair('ES256', { extractable: true })
  const strange = await generateKeyPair('RS256')
  const keys: JWK[] = [
    { ...(await exportJWK(rsa.publicKey)), kid: 'rsa-1', alg: 'RS256', use: 'sig' },
    { ...(await exportJWK(ec.publicKey)), kid: 'ec-1', alg: 'ES256', use: 'sig' },
  ]
  let isAway = false
  let fetched = 0
  const publisher = createServer((_request, response) => {
    fetched++
    if (isAway) response.writeHead(500).end('away')
    else response.end(JSON.stringify({ keys }))
  })
  let server: GuardedServer
  let jwksUrl: string

  const open = () =>
    openGuardedServer({
      OIDC_ISSUER: issuer,
      OIDC_AUDIENCE: audience,
      OIDC_JWKS_URL: jwksUrl,
      RATE_LIMIT_TIERS: 'free=100000,standard=600,small=3',
    })

  before(async () => {
    await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve))
    jwksUrl = `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/jwks`
    server = await open()
  })
  beforeEach(() => {
    isAway = false
  })
  after(async () => {
    await server.close()
    publisher.closeAllConnections()
    publisher.close()
  })

  const claims = (change: Record<string, unknown> = {}): JWTPayload => ({
    iss: issuer,
    aud: audience,
    sub: 'kari',
    exp: seconds(server.clock.time) + 300,
    scope: 'openid forecasts:read',
    ...change,
  })
  const sign = (payload = claims(), header: Record<string, unknown> = {}, key = rsa.privateKey) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'rsa-1', ...header }).sign(key)

  const ask = async (token: string, url = forecastUrl, on = server) => {
    const response = await on.app.inject({ url, headers: { authorization: `Bearer ${token}` } })
    return { status: response.statusCode, headers: response.headers, detail: String(response.json().detail) }
  }

  it('of both algorithms are taken, with their scopes in either form, and limited by subject', async () => {
    const good = await ask(await sign())
    assert.equal(good.status, 200)
    assert.equal(good.headers['ratelimit-limit'], '600')
    assert.equal((await ask(await sign(claims(), { alg: 'ES256', kid: 'ec-1' }, ec.privateKey))).status, 200)
    assert.equal((await ask(await sign(claims(), { typ: 'at+jwt' }))).status, 200)
    for (const scp of [['forecasts:read'], 'forecasts:read'])
      assert.equal((await ask(await sign(claims({ scope: undefined, scp })))).status, 200)
    const without = await ask(await sign(claims({ scope: 'openid' })))
    assert.equal(without.status, 403)
    assert.match(without.detail, /token:kari lacks the scope forecasts:read/)
    const small = await ask(await sign(claims({ sub: 'ola', velocast_tier: 'small' })))
    assert.equal(small.headers['ratelimit-remaining'], '2')
  })

  it('that are forged, foreign or old are refused', async () => {
    const spki = await exportSPKI(rsa.publicKey)
    const confused = `${base64url({ alg: 'HS256', kid: 'rsa-1' })}.${base64url(claims())}`
    const weak = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const [header, payload, signature] = (await sign()).split('.') as [string, string, string]
    const now = seconds(server.clock.time)
    const cases: Record<string, [token: string, detail: RegExp]> = {
      'alg none': [`${base64url({ alg: 'none' })}.${base64url(claims())}.`, /not signed by RS256 or ES256/],
      'alg None': [`${base64url({ alg: 'None' })}.${base64url(claims())}.`, /not signed by/],
      'alg none, signed': [`${base64url({ alg: 'none' })}.${payload}.${signature}`, /not signed by/],
      'no signature': [`${header}.${payload}.`, /signature is wrong/],
      'public key as a secret': [
        `${confused}.${createHmac('sha256', spki).update(confused).digest('base64url')}`,
        /not signed by/,
      ],
      'another algorithm': [await sign(claims(), { alg: 'RS512' }, weak as never), /not signed by/],
      'another key under a known name': [await sign(claims(), {}, strange.privateKey), /signature is wrong/],
      'changed claims': [
        `${header}.${base64url(claims({ sub: 'admin', scope: 'models:write' }))}.${signature}`,
        /signature is wrong/,
      ],
      'unknown kid': [await sign(claims(), { kid: 'rsa-2' }), /no key of that name/],
      'kid that is a path': [await sign(claims(), { kid: '../../../../dev/null' }), /no key of that name/],
      'kid that is SQL': [await sign(claims(), { kid: "x' UNION SELECT 'secret" }), /no key of that name/],
      'kid that is an address': [await sign(claims(), { kid: jwksUrl }), /no key of that name/],
      'kid of a property': [await sign(claims(), { kid: '__proto__' }), /no key of that name/],
      'kid of the other key': [await sign(claims(), { kid: 'ec-1' }), /no key of that name/],
      'key in the token': [
        await sign(claims(), { kid: 'mine', jwk: await exportJWK(strange.publicKey) }, strange.privateKey),
        /no key of that name/,
      ],
      'keys elsewhere': [
        await sign(claims(), { kid: 'mine', jku: 'http://127.0.0.1:9/keys', x5u: 'http://127.0.0.1:9' }),
        /no key of that name/,
      ],
      'an extension that must be understood': [
        `${base64url({ alg: 'RS256', kid: 'rsa-1', crit: ['x'], x: 1 })}.${payload}.${signature}`,
        /not a signed JSON Web Token/,
      ],
      'wrong audience': [await sign(claims({ aud: 'another' })), /audience "velocast"/],
      'no audience': [await sign(claims({ aud: undefined })), /audience/],
      'wrong issuer': [await sign(claims({ iss: 'https://evil.example' })), /issuer/],
      expired: [await sign(claims({ exp: now - 31 })), /has expired/],
      'not yet': [await sign(claims({ nbf: now + 60 })), /"nbf"/],
      'for ever': [await sign(claims({ exp: undefined })), /"exp"/],
      'of nobody': [await sign(claims({ sub: undefined })), /"sub"/],
      'for logging out': [await sign(claims(), { typ: 'logout+jwt' }), /not an access token/],
      'bound to a key': [await sign(claims({ cnf: { jkt: 'x' } })), /bound to a key/],
      'not a token': ['a.b.c', /not a signed/],
      'nothing much': ['..', /not a signed/],
    }
    for (const [name, [token, detail]] of Object.entries(cases)) {
      const answer = await ask(token)
      assert.equal(answer.status, 401, name)
      assert.match(answer.detail, detail, name)
      assert.match(String(answer.headers['www-authenticate']), /error="invalid_token"/)
    }
  })

  it('of any shape are refused, and never a bug', async () => {
    const [header, payload, signature] = (await sign()).split('.') as [string, string, string]
    const part = fc.oneof(
      fc.constantFrom(header, payload, signature, ''),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.stringMatching(/^[\w-]{0,40}$/),
    )
    const tokens = fc
      .array(part, { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join('.'))
      .filter((token) => token !== `${header}.${payload}.${signature}`)
    await fc.assert(
      fc.asyncProperty(tokens, async (token) => {
        assert.equal((await ask(token)).status, 401, token)
      }),
      { numRuns: 200 },
    )
  })

  it('that name keys which are not there make the issuer be asked once, not each time', async () => {
    const before = fetched
    for (let time = 0; time < 50; time++) await ask(await sign(claims(), { kid: `k${time}` }))
    assert.ok(fetched <= before + 1, `${fetched - before} times`)
  })

  it('are taken while the issuer is away if its keys are known, and else it is said', async () => {
    isAway = true
    assert.equal((await ask(await sign())).status, 200)
    const fresh = await open()
    const before = fetched
    for (let time = 0; time < 5; time++) {
      const answer = await ask(await sign(), forecastUrl, fresh)
      assert.equal(answer.status, 503)
      assert.match(answer.detail, /issuer of tokens does not answer/)
    }
    assert.equal(fetched, before + 1, 'asked once in ten seconds')
    assert.equal((await fresh.app.inject({ url: forecastUrl })).statusCode, 200, 'others are not held up')
    isAway = false
    fresh.clock.time += 10_000
    assert.equal((await ask(await sign(), forecastUrl, fresh)).status, 200)
    await fresh.close()
  })
})
