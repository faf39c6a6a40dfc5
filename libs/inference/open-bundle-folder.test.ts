import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type OpenBundleFolderOptions, openBundleFolder } from './open-bundle-folder.ts'
import { type MakeBundleOptions, makeBundle } from './testing/index.ts'

const writeBundle = async (folder: string, options: MakeBundleOptions = {}): Promise<string> => {
  const { files, manifestSha256 } = makeBundle(options)
  for (const [path, content] of files) await writeFile(join(folder, path), content)
  return manifestSha256
}

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'velocast-bundle-'))
  await work(folder.path)
}

const refusalOf = async (folder: string, options: OpenBundleFolderOptions): Promise<[string, string]> => {
  const opened = await openBundleFolder(folder, options)
  if (!opened.ok) return [opened.reason, opened.detail]
  await opened.bundle.release()
  return assert.fail('the bundle was not refused')
}

test('a bundle is opened from its folder, and answers when that is gone', () =>
  inFolder(async (folder) => {
    const manifestSha256 = await writeBundle(folder)
    const opened = await openBundleFolder(folder, { manifestSha256 })
    assert.ok(opened.ok, JSON.stringify(opened))
    await rm(folder, { recursive: true })
    const { scorer } = opened.bundle
    const { bikes_mean } = await scorer.score(new Float32Array(scorer.featureCount), 1)
    assert.equal(bikes_mean!.length, 1)
    await opened.bundle.release()
    await mkdir(folder)
  }))

test('a graph of other bytes than the manifest says is refused, with both', () =>
  inFolder(async (folder) => {
    const manifestSha256 = await writeBundle(folder)
    const { length } = await readFile(join(folder, 'model.onnx'))
    await writeFile(join(folder, 'model.onnx'), 'other')
    const [reason, detail] = await refusalOf(folder, { manifestSha256 })
    assert.equal(reason, 'CHECKSUM')
    assert.match(
      detail,
      new RegExp(
        `^model\\.onnx \\(5 bytes\\) has SHA-256 d9298a10[0-9a-f]{56}, the manifest says [0-9a-f]{64} \\(${length} bytes\\)$`,
      ),
    )
  }))

test('bytes that are not a graph are refused', () =>
  inFolder(async (folder) => {
    const manifestSha256 = await writeBundle(folder, { graph: Buffer.from('not a graph') })
    const [reason, detail] = await refusalOf(folder, { manifestSha256 })
    assert.equal(reason, 'UNREADABLE')
    assert.match(detail, /^model\.onnx cannot be loaded/)
  }))

for (const path of ['manifest.json', 'golden.json', 'model.onnx'])
  test(`${path} that is not there, or cannot be read, may be had elsewhere`, () =>
    inFolder(async (folder) => {
      const manifestSha256 = await writeBundle(folder)
      await rm(join(folder, path))
      const [reason, detail] = await refusalOf(folder, { manifestSha256 })
      assert.equal(reason, 'UNREACHABLE')
      assert.match(detail, new RegExp(`ENOENT.*${path}`))
      await mkdir(join(folder, path))
      assert.deepEqual((await refusalOf(folder, { manifestSha256 }))[0], 'UNREACHABLE')
    }))

test('files are fetched before any but the manifest is checked, each once', () =>
  inFolder(async (folder) => {
    const { files, manifestSha256 } = makeBundle()
    const seen: string[] = []
    const opened = await openBundleFolder(folder, {
      manifestSha256,
      fetchFile: async (path, target) => {
        seen.push(path)
        await writeFile(target, files.get(path)!)
      },
      onStep: (step) => void seen.push(step),
    })
    assert.ok(opened.ok, JSON.stringify(opened))
    await opened.bundle.release()
    const expected = ['fetching', 'manifest.json', 'model.onnx', 'golden.json', 'checking', 'warming_up']
    assert.deepEqual(seen, expected)
  }))
