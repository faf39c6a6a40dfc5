import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { openFiles } from './open-files.ts'
import { compressed, tarOf, zipOf } from './testing/recorded-files.ts'

const LONG = 'x'.repeat(300_000)

const fileWith = async (t: TestContext, name: string, content: string | Buffer): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'velocast-files-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

const contentOf = async (path: string) => {
  const notices: string[] = []
  const files: Record<string, string> = {}
  let bytes = 0
  const options = {
    onNotice: (notice: string) => notices.push(notice),
    onRead: (count: number) => {
      bytes += count
    },
  }
  for await (const { name, bytes: content } of openFiles(path, options))
    files[name.replace(path, '').replace(': ', '')] = await text(content)
  return { files, notices, bytes }
}

test('one compression or none: the content is the same', async (t) => {
  for (const suffix of ['.gz', '.zst', '.xz'] as const) {
    const content = compressed(suffix, LONG)
    if (content === null) t.diagnostic(`no program here writes ${suffix}`)
    else assert.deepEqual((await contentOf(await fileWith(t, `a.csv${suffix}`, content))).files, { '': LONG })
  }
  const plain = await contentOf(await fileWith(t, 'a.csv', LONG))
  assert.deepEqual([plain.files, plain.bytes], [{ '': LONG }, LONG.length])
  assert.deepEqual((await contentOf(await fileWith(t, 'a.csv', ''))).files, { '': '' })
})

test('archives hold their readable files, also compressed ones; what else is in them is passed over', async (t) => {
  const files = {
    'data/one.json': 'first',
    'data/two.csv.gz': compressed('.gz', LONG)!,
    'notes.txt': 'no',
    '__MACOSX/data/._one.json': 'no',
    'data/empty.json': '',
  }
  const expected = { 'data/one.json': 'first', 'data/two.csv.gz': LONG, 'data/empty.json': '' }
  const tar = await tarOf(files)
  assert.deepEqual((await contentOf(await fileWith(t, 'all.tar', tar))).files, expected)
  assert.deepEqual((await contentOf(await fileWith(t, 'all.tgz', compressed('.gz', tar)!))).files, expected)
  const tarXz = compressed('.xz', tar)
  if (tarXz) assert.deepEqual((await contentOf(await fileWith(t, 'all.tar.xz', tarXz))).files, expected)
  const zip = await fileWith(t, 'all.zip', zipOf(files))
  assert.deepEqual((await contentOf(zip)).files, expected)
  const nested = await contentOf(await fileWith(t, 'year.zip', zipOf({ 'month.zip': zipOf(files) })))
  assert.deepEqual(Object.keys(nested.files), [
    'month.zip: data/one.json',
    'month.zip: data/two.csv.gz',
    'month.zip: data/empty.json',
  ])
})

test('what is broken off yields what is there, and says so', async (t) => {
  const tar = await tarOf({ 'one.json': 'first', 'two.json': LONG })
  const short = await contentOf(await fileWith(t, 'all.tar', tar.subarray(0, 150_000)))
  assert.equal(short.files['one.json'], 'first')
  assert.ok(
    short.notices.some((notice) => /all\.tar is broken off/.test(notice)),
    String(short.notices),
  )
  const gz = compressed('.gz', LONG)!
  const half = await contentOf(await fileWith(t, 'a.csv.gz', gz.subarray(0, gz.length - 20)))
  assert.ok(half.files['']!.length > 0 && half.notices.length === 1)
})

test('a reader may leave in the middle', async (t) => {
  for (const suffix of ['.gz', '.zst', '.xz'] as const) {
    const content = compressed(suffix, LONG)
    if (content === null) continue
    const path = await fileWith(t, `a.csv${suffix}`, content)
    for await (const { bytes } of openFiles(path)) {
      for await (const chunk of bytes) {
        assert.ok(chunk.length > 0)
        break
      }
      break
    }
  }
})
