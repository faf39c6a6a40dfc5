import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshForMs, retryAfterMs } from './freshness.ts'

const now = Date.UTC(2026, 2, 2, 8)
const http = (ms: number) => new Date(ms).toUTCString()
const freshOf = (headers: Record<string, string>) => freshForMs(new Headers(headers), now)

test('an answer is good for as long as its server says', () => {
  assert.equal(freshOf({}), 0)
  assert.equal(freshOf({ 'cache-control': 'Max-Age=90' }), 90_000)
  assert.equal(freshOf({ 'cache-control': 'public, max-age=90', age: '100' }), 0)
  assert.equal(freshOf({ 'cache-control': 's-maxage=600' }), 0)
  assert.equal(freshOf({ 'cache-control': 'no-cache, max-age=90' }), 0)
  assert.equal(freshOf({ 'cache-control': 'max-age=soon' }), 0)
  assert.equal(freshOf({ 'cache-control': 'max-age=0', expires: http(now + 60_000) }), 0)
})

test('"expires" is by the clock of the server', () => {
  const expires = http(now + 3_660_000)
  assert.equal(freshOf({ expires, date: http(now + 3_600_000) }), 60_000)
  assert.equal(freshOf({ expires }), 3_660_000)
  assert.equal(freshOf({ expires: '0', date: http(now) }), 0)
})

test('a busy server names seconds or a date', () => {
  const waitOf = (value: string) => retryAfterMs(new Headers({ 'retry-after': value }), now)
  assert.equal(waitOf('120'), 120_000)
  assert.equal(waitOf(http(now + 5_000)), 5_000)
  assert.equal(waitOf(http(now - 5_000)), 0)
  assert.equal(waitOf('soon'), 0)
})
