import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeApiKey, revokeApiKey } from '@velocast/api/access'
import { parseExpiry } from './expiry.ts'
import { describeKey, presentKeys } from './present-keys.ts'

const now = Date.UTC(2026, 5, 1)
const dayMs = 24 * 3_600_000

describe('keys for the terminal', () => {
  const [first, second] = ['a', 'b'].map(
    (name, index) =>
      makeApiKey(
        { name, scopes: ['forecasts:read'], tier: 'standard', createdBy: 'kari', expiresAt: now + dayMs },
        { now: now + index, randomBytes: (size) => Buffer.alloc(size, index) },
      ).key,
  )

  it('are a table, the newest first', () => {
    assert.deepEqual(presentKeys([first!, revokeApiKey(second!, now)], now), [
      'id            state    tier      expires     scopes          name',
      '010101010101  revoked  standard  2026-06-02  forecasts:read  b',
      '000000000000  good     standard  2026-06-02  forecasts:read  a',
    ])
    assert.match(presentKeys([], now)[0]!, /velocast keys create/)
  })

  it('are told without what they are kept by', () => {
    const text = JSON.stringify(describeKey(first!, now + dayMs))
    assert.match(text, /"state":"expired"/)
    assert.doesNotMatch(text, new RegExp(first!.secretSha256))
  })
})

describe('when a key expires', () => {
  it('is said in days, as a moment, or never', () => {
    assert.equal(parseExpiry('90d', now), now + 90 * dayMs)
    assert.equal(parseExpiry('2026-07-01', now), Date.UTC(2026, 6, 1))
    assert.equal(parseExpiry('never', now), null)
  })
  it('is not in the past, nor anything else', () => {
    for (const text of ['2020-01-01', '0d', 'soon', '', '-1d', '9999999d'])
      assert.throws(() => parseExpiry(text, now), /--expires/, text)
  })
})
