import assert from 'node:assert/strict'
import test from 'node:test'
import { tarOf } from './fixtures.ts'
import { readTar } from './read-tar.ts'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

const read = async (bytes: Buffer, size = 100) => {
  const files: { name: string; text: string }[] = []
  for await (const { name, content } of readTar(pieces(bytes, size)))
    files.push({ name, text: content.toString() })
  return files
}

const files = [
  { name: 'data/one.json', text: 'first' },
  { name: 'data/empty.json', text: '' },
  { name: 'data/two.json', text: 'x'.repeat(1500) },
]

test('every file comes out as it went in, however the bytes are cut', async () => {
  for (const size of [1, 100, 512, 100_000]) assert.deepEqual(await read(tarOf(files), size), files)
})

test('an archive that breaks off yields the files before', async () => {
  const whole = tarOf(files)
  assert.deepEqual(await read(whole.subarray(0, 512 * 4 + 200)), files.slice(0, 2))
})

test('what is no archive is refused', async () => {
  await assert.rejects(read(Buffer.alloc(2048, 'z')), /tar/)
})
