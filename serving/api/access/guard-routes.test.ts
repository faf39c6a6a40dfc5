import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { testNow } from '../testing/test-city.ts'
import { revokeApiKey } from './api-key.ts'
import { forecastUrl, type GuardedServer, openGuardedServer } from './testing/guarded-server.ts'

const minuteMs = 60_000

describe('a guarded server', () => {
  let server: GuardedServer
  before(async () => {
    server = await openGuardedServer()
  })
  after(() => server.close())

  const ask = async (url: string, headers: Record<string, string> = {}, remoteAddress = '192.0.2.1') => {
    const response = await server.app.inject({ url, headers, remoteAddress })
    const problem = response.statusCode >= 400 ? response.json() : null
    if (problem) {
      assert.match(String(response.headers['content-type']), /^application\/problem\+json/)
      assert.equal(problem.status, response.statusCode)
      assert.ok(problem.detail.length > 20, problem.detail)
    }
    return { status: response.statusCode, headers: response.headers, detail: problem?.detail as string }
  }

  it('lets those who say nothing ask ten times a minute by address, and says so in every answer', async () => {
    for (let left = 9; left >= 0; left--) {
      const { status, headers } = await ask(forecastUrl)
      assert.equal(status, 200)
      assert.equal(headers['ratelimit-remaining'], String(left))
      assert.equal(headers.ratelimit, `"free";r=${left};t=60`)
      assert.equal(headers['ratelimit-policy'], '"free";q=10;w=60')
    }
    const refused = await ask(forecastUrl)
    assert.equal(refused.status, 429)
    assert.equal(refused.headers['retry-after'], '60')
    assert.match(refused.detail, /wait 60 s, or send a key/)
    assert.equal((await ask('/nowhere')).status, 429, 'also who looks for what is not there')
    assert.equal((await ask(forecastUrl, { 'x-forwarded-for': '198.51.100.9' })).status, 429)
    assert.equal((await ask(forecastUrl, {}, '192.0.2.2')).status, 200, 'another address')
    server.clock.time += minuteMs
    assert.equal((await ask(forecastUrl)).status, 200)
  })

  it('knows a key in either header, and counts it apart from its address', async () => {
    const key = server.addKey()
    for (const headers of [
      { authorization: `Bearer ${key}` },
      { authorization: `bearer  ${key} ` },
      { 'x-api-key': key },
    ]) {
      const { status, headers: answered } = await ask(forecastUrl, headers as Record<string, string>)
      assert.equal(status, 200)
      assert.equal(answered['ratelimit-limit'], '600')
    }
  })

  it('refuses a key that is wrong, revoked or has run out, with what to do', async () => {
    const key = server.addKey({ expiresAt: server.clock.time + minuteMs })
    const other = server.addKey()
    const swapped = key.slice(0, 22) + other.slice(22)
    server.clock.time += minuteMs
    const revoked = server.addKey()
    const [, id = ''] = revoked.split('_')
    server.keys.put(revokeApiKey(server.keys.get(id)!, testNow))
    const cases: [headers: Record<string, string>, detail: RegExp][] = [
      [{ 'x-api-key': swapped }, /not known/],
      [{ 'x-api-key': `velocast_${'0'.repeat(12)}_${'A'.repeat(43)}` }, /not known/],
      [{ 'x-api-key': '' }, /not a key/],
      [{ 'x-api-key': `${other}x` }, /not a key/],
      [{ authorization: 'Basic dXNlcjpwYXNz' }, /Bearer KEY/],
      [{ authorization: 'Bearer' }, /Bearer KEY/],
      [{ authorization: 'Bearer a.b.c' }, /API keys alone/],
      [{ authorization: `Bearer ${key}` }, /has expired at 2026-/],
      [{ authorization: `Bearer ${revoked}` }, /was revoked at 2026-/],
    ]
    for (const [headers, detail] of cases) {
      const answer = await ask(forecastUrl, headers, '192.0.2.3')
      assert.equal(answer.status, 401, JSON.stringify(headers))
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="velocast", error="invalid_token"')
      assert.match(answer.detail, detail)
    }
    assert.equal((await ask(forecastUrl, {}, '192.0.2.3')).status, 200)
    assert.equal((await ask(forecastUrl, { 'x-api-key': swapped }, '192.0.2.3')).status, 429, 'and counts')
  })

  it('asks for the scope of the route, and names the one that is missing', async () => {
    server.clock.time += minuteMs
    const reader = server.addKey()
    const watcher = server.addKey({ scopes: ['metrics:read'] })
    for (const url of ['/metrics', '/monitoring/metrics']) {
      const nobody = await ask(url)
      assert.equal(nobody.status, 401)
      assert.equal(nobody.headers['www-authenticate'], 'Bearer realm="velocast"')
      assert.match(nobody.detail, /scope metrics:read/)
      const refused = await ask(url, { 'x-api-key': reader })
      assert.equal(refused.status, 403)
      assert.match(refused.detail, /lacks the scope metrics:read/)
      assert.match(String(refused.headers['www-authenticate']), /insufficient_scope", scope="metrics:read"/)
      assert.equal((await ask(url, { 'x-api-key': watcher })).status, 200)
    }
    assert.equal((await ask(forecastUrl, { 'x-api-key': watcher })).status, 403)
  })

  it('leaves probes and documents to everybody, as often as they like', async () => {
    for (let time = 0; time < 12; time++)
      for (const url of ['/', '/health', '/health/live', '/health/ready', '/docs/', '/openapi.json'])
        assert.equal((await ask(url, { 'x-api-key': 'whatever' })).status, 200, url)
  })
})

it('a server that wants a key of everybody wants it for every route but probes and documents', async () => {
  const server = await openGuardedServer({ ANONYMOUS_TIER: 'none' })
  const response = await server.app.inject({ url: forecastUrl })
  assert.equal(response.statusCode, 401)
  assert.match(response.json().detail, /X-API-Key: KEY/)
  assert.equal((await server.app.inject({ url: '/nowhere' })).statusCode, 401)
  const headers = { 'x-api-key': server.addKey() }
  assert.equal((await server.app.inject({ url: forecastUrl, headers })).statusCode, 200)

  const open: string[] = []
  const { paths } = server.app.swagger() as { paths: Record<string, Record<string, unknown>> }
  for (const [path, methods] of Object.entries(paths))
    for (const method of ['HEAD', ...Object.keys(methods)]) {
      const url = path.replaceAll(/\{\w+\}/g, 'a')
      const remoteAddress = `192.0.2.${open.length}`
      const { statusCode } = await server.app.inject({
        method: method.toUpperCase() as 'GET',
        url,
        remoteAddress,
      })
      if (![401, 429].includes(statusCode)) open.push(path)
    }
  assert.deepEqual(
    [...new Set(open)].sort(),
    ['/', '/health', '/health/detailed', '/health/live', '/health/ready', '/problems', '/problems/{name}'],
    'whoever adds a route that is public adds it here',
  )
  await server.close()
})

it('while keys are not known yet, an unknown one is 503, a known one good', async () => {
  const server = await openGuardedServer({}, { isComplete: () => false })
  const known = server.addKey()
  const unknown = `velocast_${'0'.repeat(12)}_${'A'.repeat(43)}`
  const ask = (key: string) => server.app.inject({ url: forecastUrl, headers: { 'x-api-key': key } })
  assert.equal((await ask(known)).statusCode, 200)
  const response = await ask(unknown)
  assert.equal(response.statusCode, 503)
  assert.equal(response.headers['retry-after'], '2')
  assert.equal((await ask('nonsense')).statusCode, 401)
  await server.close()
})

it('an open server asks nobody, and limits nobody', async () => {
  const server = await openGuardedServer({ ACCESS: 'open' })
  for (let time = 0; time < 30; time++) {
    const response = await server.app.inject({ url: time % 2 ? forecastUrl : '/metrics' })
    assert.equal(response.statusCode, 200)
    assert.equal(response.headers.ratelimit, undefined)
  }
  await server.close()
})

it('the address behind a proxy counts only where the proxy is trusted', async () => {
  const server = await openGuardedServer({ TRUSTED_PROXIES: '10.0.0.0/8' })
  const ask = (remoteAddress: string, forwarded: string) =>
    server.app.inject({ url: forecastUrl, remoteAddress, headers: { 'x-forwarded-for': forwarded } })
  const remaining = async (...given: Parameters<typeof ask>) =>
    Number((await ask(...given)).headers['ratelimit-remaining'])
  assert.equal(await remaining('10.0.0.1', '192.0.2.1'), 9)
  assert.equal(await remaining('10.0.0.2', '192.0.2.1'), 8)
  assert.equal(await remaining('10.0.0.1', '203.0.113.5, 192.0.2.1'), 7, 'what a caller wrote before')
  assert.equal(await remaining('198.51.100.1', '192.0.2.9'), 9)
  assert.equal(await remaining('198.51.100.1', '192.0.2.10'), 8, 'not by way of the proxy')
  await server.close()
})

it('pages of named origins may ask, those of others may not', async () => {
  const server = await openGuardedServer({ CORS_ORIGINS: 'https://example.org' })
  const beforehand = await server.app.inject({
    method: 'OPTIONS',
    url: forecastUrl,
    headers: {
      origin: 'https://example.org',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-api-key',
    },
  })
  assert.equal(beforehand.statusCode, 204)
  assert.equal(beforehand.headers['access-control-allow-origin'], 'https://example.org')
  assert.match(String(beforehand.headers['access-control-allow-headers']), /x-api-key/)
  const answer = await server.app.inject({ url: forecastUrl, headers: { origin: 'https://example.org' } })
  assert.match(String(answer.headers['access-control-expose-headers']), /ratelimit-remaining/)
  const other = await server.app.inject({ url: forecastUrl, headers: { origin: 'https://evil.example' } })
  assert.notEqual(other.headers['access-control-allow-origin'], 'https://evil.example')
  assert.notEqual(other.headers['access-control-allow-origin'], '*')
  await server.close()
})
