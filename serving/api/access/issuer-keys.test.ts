import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnavailableError } from '@velocast/runtime'
import { exportJWK, generateKeyPair } from 'jose'
import { createIssuerKeys } from './issuer-keys.ts'

const start = Date.UTC(2026, 5, 1)
const minuteMs = 60_000

test('keys of before are good for a day while their issuer is away, who is asked once in ten seconds', async ({
  mock,
}) => {
  mock.timers.enable({ apis: ['Date'], now: start })
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
  const header = { alg: 'ES256', kid: 'one' }
  const token = { payload: '', signature: '' }
  let isAway = false
  let asked = 0
  let troubles = 0
  const getKey = createIssuerKeys({
    jwksUrl: new URL('http://127.0.0.1/keys'),
    clock: { now: () => Date.now() },
    request: async () => {
      asked++
      if (isAway) throw new TypeError('fetch failed')
      return Response.json({ keys: [jwk] })
    },
    onAway: () => troubles++,
  })
  const after = async (ms: number): Promise<string> => {
    mock.timers.setTime(start + ms)
    try {
      await getKey(header, token)
      return 'known'
    } catch (error) {
      return error instanceof UnavailableError ? 'away' : String(error)
    }
  }

  assert.equal(await after(0), 'known')
  isAway = true
  assert.equal(await after(9 * minuteMs), 'known')
  assert.deepEqual({ asked, troubles }, { asked: 1, troubles: 0 })
  assert.equal(await after(11 * minuteMs), 'known')
  assert.equal(await after(11 * minuteMs + 9_999), 'known')
  assert.deepEqual({ asked, troubles }, { asked: 2, troubles: 1 })
  assert.equal(await after(11 * minuteMs + 10_000), 'known')
  assert.deepEqual({ asked, troubles }, { asked: 3, troubles: 2 })
  assert.equal(await after(24 * 60 * minuteMs + 1), 'away')
  isAway = false
  assert.equal(await after(24 * 60 * minuteMs + 10_001), 'known')
})
