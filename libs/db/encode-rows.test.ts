import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRows } from './encode-rows.ts'

const bytesOf = (...args: Parameters<typeof encodeRows>): Buffer => Buffer.concat([...encodeRows(...args)])

test('the bytes are those of the manual: signature, flags, rows of counted fields, end', () => {
  const bytes = bytesOf(
    [
      { name: 'word', type: 'text' },
      { name: 'number', type: 'integer' },
    ],
    [
      ['ü', -2],
      ['', null],
    ],
  )
  assert.equal(
    bytes.toString('hex'),
    [
      '5047434f50590aff0d0a00', // PGCOPY\n\xff\r\n\0
      '0000000000000000',
      '0002',
      '00000002',
      'c3bc',
      '00000004',
      'fffffffe',
      '0002',
      '00000000',
      'ffffffff',
      'ffff',
    ].join(''),
  )
})

test('a time is microseconds since 2000', () => {
  const at = Date.UTC(2000, 0, 1, 0, 0, 1)
  const bytes = bytesOf([{ name: 'at', type: 'timestamptz' }], [[at]])
  assert.equal(bytes.subarray(25, 33).readBigInt64BE(), 1_000_000n)
})

test('many rows come in several chunks, and nothing is lost at their edges', () => {
  const rows = Array.from({ length: 40_000 }, (_, index) => [
    `station ${index}`,
    Float32Array.of(index, Number.NaN),
  ])
  const chunks = [
    ...encodeRows(
      [
        { name: 'id', type: 'text' },
        { names: ['a', 'b'], type: 'reals' },
      ],
      rows,
    ),
  ]
  assert.ok(chunks.length > 3)
  const expected = 19 + 2 + rows.reduce((sum, [id]) => sum + 2 + 4 + (id as string).length + 16, 0)
  assert.equal(
    chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    expected,
  )
})

test('a value longer than a chunk is taken whole', () => {
  const long = 'x'.repeat(3_000_000)
  assert.equal(bytesOf([{ name: 'text', type: 'text' }], [[long]]).length, 19 + 2 + 4 + long.length + 2)
})

test('a value of another type is refused with the name of its column', () => {
  const refused: [Parameters<typeof encodeRows>[0][number], unknown, RegExp][] = [
    [{ name: 'count', type: 'integer' }, 1.5, /column count: wanted a 32-bit integer, got number 1.5/],
    [{ name: 'count', type: 'integer' }, 2 ** 31, /column count: wanted a 32-bit integer/],
    [{ name: 'at', type: 'timestamptz' }, Number.NaN, /column at: wanted epoch milliseconds, got number NaN/],
    [{ name: 'name', type: 'text' }, 5, /column name: wanted a string/],
    [
      { names: ['a', 'b'], type: 'reals' },
      Float32Array.of(1),
      /columns a…: wanted a Float32Array of 2, got Float32Array of 1/,
    ],
  ]
  for (const [column, value, message] of refused)
    assert.throws(() => bytesOf([column], [[value]]), { name: 'TypeError', message })
})
