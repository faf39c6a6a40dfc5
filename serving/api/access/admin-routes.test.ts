import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { UnavailableError } from '@velocast/runtime'
import type { ModelPromoted } from '@velocast/schemas'
import type { Reload } from '../model-life.ts'
import { promotionOf, versionedBundle } from '../testing/test-city.ts'
import type { AdminActions, RollbackRequest } from './admin-actions.ts'
import { type GuardedServer, openGuardedServer } from './testing/guarded-server.ts'

describe('admin routes', () => {
  const entries: Parameters<AdminActions['audit']>[0][] = []
  const promoted: ModelPromoted = promotionOf(versionedBundle(1), 1)
  let reload: Reload
  let rollback: AdminActions['rollback']
  let asked: RollbackRequest[]
  let server: GuardedServer
  let admin: string
  let reader: string

  before(async () => {
    server = await openGuardedServer(
      {},
      {
        options: {
          admin: {
            reload: async () => reload,
            rollback: (request) => {
              asked.push(request)
              return rollback(request)
            },
            audit: (entry) => entries.push(entry),
          },
        },
      },
    )
    admin = server.addKey({ scopes: ['models:write'] })
    reader = server.addKey()
  })
  beforeEach(() => {
    entries.length = 0
    asked = []
    reload = { ok: true }
    rollback = async () => ({ outcome: 'promoted', promotion: promoted })
  })
  after(() => server.close())

  const post = async (url: string, key: string | null, payload?: object | string) => {
    const response = await server.app.inject({
      method: 'POST',
      url,
      remoteAddress: '192.0.2.1',
      headers: { ...(key && { 'x-api-key': key }), 'content-type': 'application/json' },
      payload: payload ?? '{}',
    })
    return { status: response.statusCode, body: response.json() }
  }
  const reloadUrl = '/monitoring/models/reload'
  const rollbackUrl = '/v1/admin/systems/test-city/rollback'
  const actorOf = (key: string) => `key:${key.split('_')[1]}`

  it('want a scope: who may only read is refused and written down, who says nothing is refused', async () => {
    for (const url of [reloadUrl, rollbackUrl]) {
      entries.length = 0
      const refused = await post(url, reader, { version: 1 })
      assert.equal(refused.status, 403)
      assert.match(refused.body.detail, /lacks the scope models:write/)
      assert.equal((await post(url, null, { version: 1 })).status, 401)
      assert.equal(entries.length, 1)
      assert.deepEqual(
        [entries[0]?.actor, entries[0]?.outcome, entries[0]?.source],
        [actorOf(reader), 'REFUSED', '192.0.2.1'],
      )
      assert.match(entries[0]!.detail!, /lacks the scope/)
    }
    assert.deepEqual(asked, [])
  })

  it('reload as the old contract has it, and say who did', async () => {
    const { status, body } = await post(reloadUrl, admin)
    assert.equal(status, 200)
    assert.equal(body.status, 'success')
    assert.equal(body.old_model.version, '1')
    assert.equal(body.new_model.version, '1')
    assert.match(body.message, /Version 1 answers/)
    assert.ok(Date.parse(body.timestamp))
    assert.deepEqual(entries, [
      {
        systemId: 'test-city',
        actor: actorOf(admin),
        source: '192.0.2.1',
        action: 'model.reload',
        target: '1',
        outcome: 'SUCCEEDED',
        detail: null,
      },
    ])
  })

  it('do not answer 200 when nothing was reloaded', async () => {
    for (const [reason, expected] of [
      ['UNREACHABLE', 503],
      ['NONE_PROMOTED', 503],
      ['CHECKSUM', 409],
    ] as const) {
      reload = { ok: false, reason, detail: 'for a test' }
      const { status, body } = await post(reloadUrl, admin)
      assert.equal(status, expected)
      assert.equal(body.status, 'error')
      assert.match(body.message, /for a test/)
      assert.equal(body.detail, body.message)
      assert.equal(body.new_model.version, '1')
    }
    assert.equal((await post(`${reloadUrl}?system=atlantis`, admin)).status, 404)
    assert.deepEqual(
      entries.map(({ outcome }) => outcome),
      ['FAILED', 'FAILED', 'REFUSED', 'REFUSED'],
    )
  })

  it('roll back by a promotion that says who asked, and what for', async () => {
    for (const version of [1, '1']) {
      const { status, body } = await post(rollbackUrl, admin, { version, reason: 'it is too high' })
      assert.equal(status, 200)
      assert.equal(body.status, 'promoted')
      assert.equal(body.version, '1')
    }
    assert.deepEqual([asked[0]?.systemId, asked[0]?.modelVersion], ['test-city', '1'])
    assert.equal(asked[0]?.reason, `rollback, by ${actorOf(admin)}: it is too high`)
    assert.deepEqual([entries[0]?.action, entries[0]?.target], ['model.rollback', '1'])
  })

  it('say why not: refused, away, or no sense in it', async () => {
    rollback = async () => ({ outcome: 'refused', detail: 'MLflow has no version 9' })
    const refused = await post(rollbackUrl, admin, { version: 9 })
    assert.deepEqual([refused.status, refused.body.detail], [409, 'MLflow has no version 9.'])
    rollback = () => Promise.reject(new UnavailableError('Kafka', new Error('refused')))
    const away = await post(rollbackUrl, admin, { version: 9 })
    assert.equal(away.status, 503)
    assert.match(away.body.detail, /could not be published: Kafka does not answer/)
    rollback = () => Promise.reject(new DOMException('too long', 'TimeoutError'))
    assert.match((await post(rollbackUrl, admin, { version: 9 })).body.detail, /within 20 s/)
    for (const body of [{}, { version: '../1' }, { version: 0 }, { version: '1 or 1' }, '{', 'null'])
      assert.ok([400, 422].includes((await post(rollbackUrl, admin, body)).status), JSON.stringify(body))
    assert.equal((await post('/v1/admin/systems/atlantis/rollback', admin, { version: 1 })).status, 404)
    assert.equal(entries.length, 10, 'all of them are written down')
  })
})
