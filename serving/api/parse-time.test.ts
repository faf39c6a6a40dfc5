import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTime } from './parse-time.ts'

test('a time without an offset is UTC', () => {
  const expected = Date.UTC(2026, 4, 4, 8)
  for (const text of [
    '2026-05-04T08:00:00',
    '2026-05-04 08:00',
    '2026-05-04T08:00:00Z',
    '2026-05-04T10:00:00+02:00',
  ])
    assert.equal(parseTime(text, 'timestamp'), expected, text)
  assert.equal(parseTime('2026-05-04', 'timestamp'), Date.UTC(2026, 4, 4))
})

test('what is not a time is refused, naming the field', () => {
  for (const text of ['', 'tomorrow', '2026-13-01', '2026-05-04T25:00', '1777881600', '4 May 2026'])
    assert.throws(() => parseTime(text, 'start_time'), /start_time .* is not an ISO 8601 time/, text)
})
