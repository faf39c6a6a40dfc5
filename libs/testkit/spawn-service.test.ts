import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { spawnService } from './spawn-service.ts'
import { waitFor } from './wait-for.ts'

const folder = mkdtempSync(join(tmpdir(), 'velocast-'))
after(() => rmSync(folder, { recursive: true }))

const fileOf = (name: string, source: string): string => {
  const path = join(folder, name)
  writeFileSync(path, source)
  return path
}

test('output is captured line by line, and the exit code is kept', async () => {
  const service = spawnService(
    fileOf(
      'ends.mjs',
      `console.log(JSON.stringify({ msg: process.env.WORD })); console.error('last'); process.exitCode = 3`,
    ),
    { WORD: 'hello' },
  )
  assert.equal(await service.exited, 3)
  assert.deepEqual(service.events(), [{ msg: 'hello' }])
  assert.ok(service.lines().includes('last'))
})

test('kill ends it with the signal', async () => {
  const service = spawnService(fileOf('stays.mjs', `console.log('up'); setInterval(() => {}, 1000)`), {})
  await waitFor(() => service.lines().includes('up'), { what: 'the first line' })
  assert.equal(service.isRunning(), true)
  assert.equal(await service.kill('SIGKILL'), 'SIGKILL')
  assert.equal(service.isRunning(), false)
})
