import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { addressGroup } from './address-group.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { parseTiers, shareOf } from './tiers.ts'

describe('limits', () => {
  it('let through what is allowed in a minute, say what remains, and go on when the oldest is a minute old', () => {
    let now = 0
    const limiter = createRateLimiter({ now: () => now })
    const seen = Array.from({ length: 11 }, () => {
      now += 1_000
      return limiter.take('a', 10)
    })
    assert.deepEqual(
      seen.map(({ isAllowed }) => isAllowed),
      [...Array(10).fill(true), false],
    )
    assert.deepEqual(seen[0], { isAllowed: true, limit: 10, remaining: 9, resetSeconds: 60 })
    assert.deepEqual(seen[10], { isAllowed: false, limit: 10, remaining: 0, resetSeconds: 50 })
    assert.equal(limiter.take('b', 10).isAllowed, true, 'another caller is counted apart')
    now = 60_999
    assert.equal(limiter.take('a', 10).isAllowed, false)
    now = 61_000
    assert.equal(limiter.take('a', 10).isAllowed, true)
    assert.equal(limiter.take('a', 10).isAllowed, false)
  })

  it('hold in every minute, wherever it begins, and refuse nobody without need', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 12 }), (waits, limit) => {
        let now = 0
        const limiter = createRateLimiter({ now: () => now })
        const allowed: number[] = []
        for (const wait of waits) {
          now += wait
          const inMinute = allowed.filter((at) => at > now - 60_000).length
          const { isAllowed, remaining } = limiter.take('a', limit)
          assert.equal(isAllowed, inMinute < limit)
          if (isAllowed) allowed.push(now)
          assert.equal(remaining, limit - allowed.filter((at) => at > now - 60_000).length)
        }
      }),
    )
  })

  it('forget whoever has not asked for a minute, and never remember more than they may', () => {
    let now = 0
    const limiter = createRateLimiter({ now: () => now, callersAtMost: 100 })
    for (let caller = 0; caller < 250; caller++) limiter.take(`caller ${caller}`, 1)
    assert.equal(limiter.size(), 100)
    assert.equal(limiter.take('caller 249', 1).isAllowed, false)
    now = 60_000
    limiter.take('another', 1)
    assert.equal(limiter.size(), 1)
  })

  it('are shared among replicas: together they let through no more than the limit', () => {
    const tiers = parseTiers('free=10, standard=600,open=0')
    for (const replicas of [1, 2, 3, 4, 7, 10]) {
      const limiters = Array.from({ length: replicas }, () => createRateLimiter({ now: () => 0 }))
      let through = 0
      for (const limiter of limiters)
        for (let request = 0; request < 20; request++)
          if (limiter.take('a', shareOf(tiers, 'free', replicas)).isAllowed) through++
      assert.ok(through <= 10 && through > 10 - replicas, `${replicas} replicas: ${through}`)
    }
    // More replicas than requests: each lets one through, which is more. The README says so.
    assert.equal(shareOf(tiers, 'free', 20), 1)
    assert.equal(shareOf(tiers, 'open', 3), 0)
    assert.equal(shareOf(tiers, 'no longer configured', 1), 10)
  })
})

it('an IPv6 address counts with its /64, an IPv4 address alone, however it is written', () => {
  for (const [address, group] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['nonsense', 'nonsense'],
  ] as const)
    assert.equal(addressGroup(address), group, address)
})
