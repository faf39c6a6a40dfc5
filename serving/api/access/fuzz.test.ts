/** Whatever is sent, the answer is never a bug. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { forecastUrl, type GuardedServer, openGuardedServer } from './testing/guarded-server.ts'

const RUNS = { numRuns: 150 }

describe('an answer is never a bug', () => {
  let server: GuardedServer
  let key: string

  before(async () => {
    server = await openGuardedServer(
      { RATE_LIMIT_TIERS: 'free=10,all=0' },
      {
        options: {
          admin: {
            reload: async () => ({ ok: true }),
            rollback: async () => ({ outcome: 'refused', detail: 'for a test' }),
            audit: () => {},
          },
        },
      },
    )
    key = server.addKey({ scopes: ['forecasts:read', 'metrics:read', 'models:write'], tier: 'all' })
  })
  after(() => server.close())

  const send = async (options: object): Promise<{ status: number; text: string }> => {
    const given = options as { headers?: object }
    const response = await server.app.inject({
      ...options,
      headers: { 'x-api-key': key, ...given.headers },
    } as never)
    assert.ok(
      response.statusCode < 500,
      `${response.statusCode} ${response.body}: ${JSON.stringify(options)}`,
    )
    if (response.statusCode >= 400) {
      const { status, detail } = response.json()
      assert.equal(status, response.statusCode)
      assert.ok(detail)
      assert.doesNotMatch(response.body, /\.ts:|node_modules/)
    }
    return { status: response.statusCode, text: response.body }
  }
  const url = fc.constantFrom(
    '/predict',
    '/predict/batch',
    '/predict/station/a/forecast',
    '/monitoring/models/reload',
    '/v1/admin/systems/test-city/rollback',
  )
  const json = { 'content-type': 'application/json' }

  it('to a body of any bytes, of any kind', async () => {
    const kinds = fc.constantFrom(
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'multipart/form-data; boundary=x',
      'nonsense',
      'application/json, text/html',
    )
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)),
      fc.json().map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text.slice(0, -1))),
    )
    await fc.assert(
      fc.asyncProperty(url, kinds, bytes, async (path, kind, payload) => {
        await send({ method: 'POST', url: path, headers: { 'content-type': kind }, payload })
      }),
      RUNS,
    )
  })

  it('to JSON of nearly the right shape', async () => {
    const value = fc.oneof(
      fc.constantFrom('a', 'nowhere', null, true, 1e308, -1, 0, '', '2026-05-04T12:00:00Z', '+275760-09-13'),
      fc.string(),
      fc.double(),
      fc.array(fc.string(), { maxLength: 2 }),
    )
    const body = fc.record(
      {
        station_id: value,
        timestamp: value,
        weather_data: fc.oneof(value, fc.record({ temperature: value, humidity: value, pressure: value })),
        hours_ahead: value,
        start_time: value,
        version: value,
        reason: value,
      },
      { requiredKeys: [] },
    )
    const whole = fc.oneof(body, fc.record({ predictions: fc.array(body, { maxLength: 3 }) }))
    await fc.assert(
      fc.asyncProperty(url, whole, async (path, payload) => {
        await send({ method: 'POST', url: path, headers: json, payload })
      }),
      RUNS,
    )
  })

  it('to malformed, poisoned, deep and large JSON', async () => {
    const deep = '['.repeat(50_000)
    for (const [payload, statuses] of [
      ['{"station_id": ', [400]],
      ['', [400, 422]],
      ['\u0000', [400]],
      [Buffer.from([0xff, 0xfe, 0x7b, 0x7d]), [400]],
      [Buffer.from('7b2273746174696f6e5f6964223a22ff22 7d'.replaceAll(' ', ''), 'hex'), [404, 400]],
      ['{"__proto__": {"x": 1}, "station_id": "a"}', [400]],
      ['{"constructor": {"prototype": {"x": 1}}, "station_id": "a"}', [400]],
      [deep, [400]],
      [`${deep}${']'.repeat(50_000)}`, [400, 422]],
      [JSON.stringify({ station_id: 'x'.repeat(300_000) }), [413]],
      [JSON.stringify({ predictions: Array(101).fill({ station_id: 'a' }) }), [422]],
      ['{"station_id": 1e999}', [404, 422, 400]],
      ['{"station_id": "\\ud800"}', [404, 422, 400]],
    ] as const) {
      const { status } = await send({ method: 'POST', url: '/predict', headers: json, payload })
      if (!String(payload).includes('predictions'))
        assert.ok(
          (statuses as readonly number[]).includes(status),
          `${status}: ${String(payload).slice(0, 60)}`,
        )
    }
  })

  it('to a path of any kind, and no trick leads round a scope', async () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '%00', '%ff', '%', '%zz', ';x', '//', '*', '~', 'a'),
      fc.constantFrom('v1', 'systems', 'test-city', 'stations', 'metrics', 'predict', 'admin', 'docs'),
      fc.string({ maxLength: 10 }).map(encodeURIComponent),
    )
    const paths = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('/')}`)
    await fc.assert(
      fc.asyncProperty(paths, async (path) => {
        await send({ url: path })
      }),
      RUNS,
    )
    let address = 0
    for (const path of [
      '/docs/../metrics',
      '/docs/..%2fmetrics',
      '/docs/%2e%2e/metrics',
      '/docs/static/../../metrics',
      '/docs/static/..%2f..%2f..%2fpackage.json',
      '/health/../metrics',
      '//metrics',
      '/metrics/',
      '/METRICS',
      '/metrics%00',
      '/metrics;x',
      '/./metrics',
      '/%6detrics',
    ]) {
      const response = await server.app.inject({ url: path, remoteAddress: `192.0.2.${++address}` })
      assert.ok([400, 401, 404].includes(response.statusCode), `${path}: ${response.statusCode}`)
      assert.doesNotMatch(response.body, /velocast_api_|"dependencies"/)
    }
  })

  it('to headers and queries of any kind', async () => {
    const name = fc.constantFrom(
      'authorization',
      'x-api-key',
      'x-forwarded-for',
      'content-length',
      'content-type',
      'accept',
      'origin',
      'host',
      'if-none-match',
      'range',
      'access-control-request-method',
    )
    const text = fc.stringMatching(/^[\x20-\x7e]{0,60}$/)
    await fc.assert(
      fc.asyncProperty(name, text, text, async (header, content, query) => {
        const address = `${forecastUrl}?hours=${encodeURIComponent(query)}&${encodeURIComponent(content)}`
        const response = await server.app.inject({ url: address, headers: { [header]: content } })
        assert.ok(response.statusCode < 500, `${header}: ${content} → ${response.statusCode}`)
        await send({ url: `/v1/model?system=${encodeURIComponent(query)}` })
      }),
      RUNS,
    )
  })
})
