import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCsvRows } from './read-csv-rows.ts'

/** The text in pieces of `size` bytes, as a stream would bring it. */
async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

const rowsOf = async (text: string, size = 1_000): Promise<string[][]> =>
  (await Array.fromAsync(readCsvRows(pieces(text, size)))).flat()

test('rows come out as they went in, however the bytes are cut', async () => {
  const text = 'id,name,note\r\n1,"Adams St & 2 St, east","says ""hi"""\n\n2,Zürich HB,\n3,"two\nlines",x'
  const rows = [
    ['id', 'name', 'note'],
    ['1', 'Adams St & 2 St, east', 'says "hi"'],
    ['2', 'Zürich HB', ''],
    ['3', 'two\nlines', 'x'],
  ]
  for (const size of [1, 2, 7, 1_000]) assert.deepEqual(await rowsOf(text, size), rows, `${size} bytes`)
})

test('without quotes it is the same', async () => {
  for (const size of [1, 5, 1_000])
    assert.deepEqual(await rowsOf('\ufeffa,b\r\n1,\r\n,2\n3,4', size), [
      ['a', 'b'],
      ['1', ''],
      ['', '2'],
      ['3', '4'],
    ])
})

test('a file without anything has no rows', async () => {
  assert.deepEqual(await rowsOf(''), [])
  assert.deepEqual(await rowsOf('\n\n'), [])
})
