import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtempDisposable, readdir, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createBundleCache } from './bundle-cache.ts'

const sha256Of = (index: number): string => String(index).padStart(64, '0')

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'velocast-cache-'))
  await work(join(folder.path, 'bundles'))
}

test('what was used least recently is forgotten, whenever it was stored', () =>
  inFolder(async (folder) => {
    const cache = createBundleCache(folder)
    for (let index = 0; index < 8; index++) {
      await cache.makeIncoming()
      await cache.keepIncoming(sha256Of(index))
      await utimes(cache.folderOf(sha256Of(index)), index, index)
    }
    await cache.noteUse(sha256Of(0))
    await cache.makeIncoming()
    await cache.keepIncoming(sha256Of(8))
    const kept = await readdir(folder)
    assert.deepEqual(kept.sort(), [0, 2, 3, 4, 5, 6, 7, 8].map(sha256Of))
  }))

test('the one that answers stays, however many were good on the way and refused then', () =>
  inFolder(async (folder) => {
    const cache = createBundleCache(folder, async () => sha256Of(0))
    for (let index = 0; index < 12; index++) {
      await cache.makeIncoming()
      await cache.keepIncoming(sha256Of(index))
      await utimes(cache.folderOf(sha256Of(index)), index, index)
    }
    const kept = await readdir(folder)
    assert.deepEqual(kept.sort(), [0, 5, 6, 7, 8, 9, 10, 11].map(sha256Of))
  }))

test('a bundle takes the place of what was kept as it, and nothing of an interrupted one is left in it', () =>
  inFolder(async (folder) => {
    const cache = createBundleCache(folder)
    for (const name of ['old', 'new']) {
      await writeFile(join(await cache.makeIncoming(), 'interrupted'), 'half')
      await writeFile(join(await cache.makeIncoming(), name), 'whole')
      await cache.keepIncoming(sha256Of(1))
    }
    assert.deepEqual(await readdir(cache.folderOf(sha256Of(1))), ['new'])
    assert.deepEqual(await readdir(folder), [sha256Of(1)])
    await cache.makeIncoming()
    await cache.removeIncoming()
    assert.deepEqual(await readdir(folder), [sha256Of(1)])
  }))

test('a name that is no SHA-256 names no folder', () => {
  assert.throws(() => createBundleCache('x').folderOf('../..'), /not a SHA-256/)
  assert.equal(existsSync('x'), false)
})
