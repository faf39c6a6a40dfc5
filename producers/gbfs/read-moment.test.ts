import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectOddities } from './collect-oddities.ts'
import { readMoment } from './read-moment.ts'

const at = Date.UTC(2025, 0, 29, 9, 47, 40)

const read = (value: unknown, major: 1 | 2 | 3 = 2) => {
  const { note, found } = collectOddities()
  const moment = readMoment(value, { field: 'last_reported', major, note })
  return { moment, rules: found().map(({ rule }) => rule) }
}

test('a moment is the same in every way of writing it, and the unusual ones are noted', () => {
  const unusual = 'time-of-another-version'
  const written: [unknown, 1 | 2 | 3, string[]][] = [
    [at / 1000, 1, []],
    [at / 1000, 2, []],
    [at / 1000, 3, [unusual]],
    [at / 1000 + 0.0001, 2, []],
    ['2025-01-29T09:47:40Z', 3, []],
    ['2025-01-29T10:47:40+01:00', 3, []],
    ['2025-01-29T09:47:40.000+0000', 3, []],
    ['2025-01-29t09:47:40.000000z', 3, []],
    ['2025-01-29 09:47:40 UTC', 3, []],
    ['2025-01-29T09:47:40Z', 2, [unusual]],
    ['2025-01-29T09:47:40', 3, ['time-without-zone']],
    [String(at / 1000), 2, ['time-as-text']],
    [` ${at} `, 2, ['time-as-text', 'time-in-milliseconds']],
    [at, 2, ['time-in-milliseconds']],
    [at * 1000, 2, ['time-in-milliseconds']],
    [BigInt(at) * 1_000_000n, 2, ['time-in-milliseconds']],
  ]
  for (const [value, major, rules] of written)
    assert.deepEqual(read(value, major), { moment: at, rules }, `${value} in ${major}`)
})

test('what is no moment of a bike-share feed is none', () => {
  for (const value of [
    0,
    1,
    -1,
    -9223372036854775808n,
    null,
    undefined,
    '',
    'yesterday',
    '29/01/2025',
    Number.NaN,
    true,
    {},
    [],
    '1970-01-01T00:00:00Z',
    '2025-13-45T00:00:00Z',
  ])
    assert.equal(read(value).moment, null, String(value))
})
