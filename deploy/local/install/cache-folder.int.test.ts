import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { folderMark } from '../process/folder-mark.ts'
import { cacheFolder, type Installing, installOnce } from './cache-folder.ts'

let cache: string
const cacheHomeBefore = process.env.XDG_CACHE_HOME

before(async () => {
  cache = await mkdtemp(join(tmpdir(), 'velocast-cache-test-'))
  process.env.XDG_CACHE_HOME = cache
})

after(async () => {
  if (cacheHomeBefore === undefined) delete process.env.XDG_CACHE_HOME
  else process.env.XDG_CACHE_HOME = cacheHomeBefore
  await rm(cache, { recursive: true, force: true })
})

const filesOf = async (name: string) =>
  (await readdir(cacheFolder())).filter((entry) => entry.includes(name)).sort()

test('two installs at once install once, and both get the whole folder', async () => {
  let installs = 0
  const install = async ({ partial }: Installing) => {
    installs += 1
    await writeFile(join(partial, 'program'), 'complete')
  }
  const folders = await Promise.all([
    installOnce('tool', 'tool', install, {}),
    installOnce('tool', 'tool', install, {}),
  ])
  assert.equal(installs, 1)
  assert.equal(folders[0], folders[1])
  assert.equal(await readFile(join(folders[0], 'program'), 'utf8'), 'complete')
})

test('an install that fails leaves nothing that could be taken for one, and the next try starts from nothing', async () => {
  const fail = async ({ partial }: Installing) => {
    await writeFile(join(partial, 'program'), 'half')
    throw new Error('the disk is full')
  }
  await assert.rejects(
    installOnce('broken', 'the tool', fail, {}),
    /^Error: the tool cannot be installed: the disk is full$/,
  )
  assert.ok(!(await filesOf('broken')).includes('broken'))

  const folder = await installOnce(
    'broken',
    'the tool',
    async ({ partial }) => assert.deepEqual(await readdir(partial), []),
    {},
  )
  assert.deepEqual(await readdir(folder), [])
  assert.deepEqual(await filesOf('broken'), ['.broken.lock', 'broken'])
})

test('what a killed install still runs is ended before the next one begins', async () => {
  const partial = join(cacheFolder(), '.orphaned.partial-0')
  await mkdir(partial, { recursive: true })
  const orphan = spawn('sleep', ['30'], { env: { ...process.env, [folderMark]: partial } })
  await once(orphan, 'spawn')
  const ended = once(orphan, 'exit')
  await installOnce('orphaned', 'the tool', async () => {}, {})
  assert.deepEqual(await ended, [null, 'SIGKILL'])
})

test('a caller that waits for another install says so and can be interrupted', async () => {
  const interrupt = new AbortController()
  const released = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const first = installOnce(
    'slow',
    'slow',
    async () => {
      started.resolve()
      await released.promise
    },
    {},
  )
  await started.promise
  const said: string[] = []
  const second = installOnce('slow', 'slow', async () => assert.fail('installed twice'), {
    signal: interrupt.signal,
    onProgress: ({ detail }) => {
      said.push(detail)
      interrupt.abort(new Error('interrupted'))
    },
  })
  await assert.rejects(second, /interrupted/)
  assert.deepEqual(said, ['waiting for another install of the same to end'])
  released.resolve()
  await first
})
