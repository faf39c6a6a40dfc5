import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { UnavailableError } from '@velocast/runtime'
import { createBundleCache } from './bundle-cache.ts'
import { loadModel } from './load-model.ts'
import { promotionOf, versionedBundle } from './testing/test-city.ts'

const bundle = versionedBundle(1)

const fetchGood = (path: string, target: string): Promise<void> => writeFile(target, bundle.files.get(path)!)
const fetchNothing = async (): Promise<never> => {
  throw new UnavailableError('the artifact store', new Error('no answer'))
}

/** A cache and a spare folder; in a folder where `file` is a file, under which nothing can be written. */
const inFolders = async (
  work: (folders: {
    cacheFolder: string
    spareFolder: string
    notCached: unknown[]
    load: (fetchFile: typeof fetchGood, manifestSha256?: string) => ReturnType<typeof loadModel>
  }) => Promise<void>,
  { cacheName = 'bundles', spareName = 'spare' } = {},
): Promise<void> => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'velocast-load-'))
  const folder = temporary.path
  await writeFile(join(folder, 'file'), '')
  const cacheFolder = join(folder, cacheName)
  await mkdir(join(folder, 'spare'))
  const spareFolder = join(folder, spareName)
  const notCached: unknown[] = []
  const load = (fetchFile: typeof fetchGood, manifestSha256 = bundle.manifestSha256) =>
    loadModel({
      promotion: { ...promotionOf(bundle, 1), manifestSha256 },
      cache: createBundleCache(cacheFolder),
      fetchFile,
      onNotCached: (error) => notCached.push(error),
      spareFolder,
    })
  await work({ cacheFolder, spareFolder, notCached, load })
}

const release = async (opened: Awaited<ReturnType<typeof loadModel>>): Promise<void> => {
  assert.ok(opened.ok, JSON.stringify(opened))
  await opened.bundle.release()
}

test('a bundle that is fetched and good is on disk, as a whole, and is opened from there', () =>
  inFolders(async ({ cacheFolder, load, notCached }) => {
    await release(await load(fetchGood))
    assert.deepEqual(await readdir(cacheFolder), [bundle.manifestSha256])
    const kept = await readdir(join(cacheFolder, bundle.manifestSha256))
    assert.deepEqual(kept.sort(), ['golden.json', 'manifest.json', 'model.onnx'])
    await release(await load(fetchNothing))
    assert.deepEqual(notCached, [])
  }))

test('a bundle that is refused, or of which a file cannot be had, leaves nothing behind', () =>
  inFolders(async ({ cacheFolder, spareFolder, load, notCached }) => {
    const wrong = await load((path, target) =>
      path === 'model.onnx' ? writeFile(target, 'wrong') : fetchGood(path, target),
    )
    assert.equal(wrong.ok || wrong.reason, 'CHECKSUM')
    const half = await load((path, target) =>
      path === 'golden.json' ? fetchNothing() : fetchGood(path, target),
    )
    assert.equal(half.ok || half.reason, 'UNREACHABLE')
    assert.match(half.ok ? '' : half.detail, /artifact store/)
    assert.deepEqual(await readdir(cacheFolder), [])
    assert.deepEqual(await readdir(spareFolder), [])
    assert.deepEqual(notCached, [])
  }))

test('a cache that cannot be written keeps no good model from answering, which is told', () =>
  inFolders(
    async ({ spareFolder, load, notCached }) => {
      const opened = await load(fetchGood)
      const left = await readdir(spareFolder)
      await release(opened)
      assert.deepEqual(left, [], 'what is open needs no folder')
      assert.deepEqual(
        notCached.map((error) => (error as NodeJS.ErrnoException).code),
        ['ENOTDIR'],
      )
    },
    { cacheName: 'file/bundles' },
  ))

test('a disk that is full half-way does not either', () =>
  inFolders(async ({ cacheFolder, spareFolder, load, notCached }) => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    const opened = await load(async (path, target) => {
      if (path === 'golden.json' && target.startsWith(cacheFolder)) throw full
      await fetchGood(path, target)
    })
    await release(opened)
    assert.deepEqual(notCached, [full])
    assert.deepEqual([await readdir(cacheFolder), await readdir(spareFolder)], [[], []])
  }))

test('where no disk can be written it is said so, and is to be tried again', () =>
  inFolders(
    async ({ load }) => {
      const opened = await load(fetchGood)
      assert.equal(opened.ok || opened.reason, 'UNREACHABLE')
      assert.match(opened.ok ? '' : opened.detail, /^no disk takes the bundle: ENOTDIR/)
    },
    { cacheName: 'file/bundles', spareName: 'file/spare' },
  ))

test('a graph that has gone from the disk, or is another there, is fetched again', () =>
  inFolders(async ({ cacheFolder, load }) => {
    await release(await load(fetchGood))
    const graph = join(cacheFolder, bundle.manifestSha256, 'model.onnx')
    for (const spoil of [() => rm(graph), () => writeFile(graph, 'rot')]) {
      await spoil()
      await release(await load(fetchGood))
      await release(await load(fetchNothing))
    }
  }))
