import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOddities } from './oddity.ts'
import { readMoment } from './read-moment.ts'

const at = Date.UTC(2025, 0, 29, 9, 47, 40)

test('a moment is the same in every way of writing it', () => {
  const { counts, note } = countOddities()
  for (const written of [
    at / 1000,
    String(at / 1000),
    at,
    '2025-01-29T09:47:40Z',
    '2025-01-29T10:47:40+01:00',
  ])
    assert.equal(readMoment(written, note), at, String(written))
  assert.deepEqual(counts, { 'time-as-text': 1, 'time-in-milliseconds': 1 })
})

test('what is no moment of a bike-share feed is none', () => {
  for (const written of [
    0,
    1,
    -1,
    null,
    undefined,
    '',
    'yesterday',
    Number.NaN,
    true,
    {},
    '1970-01-01T00:00:00Z',
  ])
    assert.equal(
      readMoment(written, () => {}),
      null,
      String(written),
    )
})
