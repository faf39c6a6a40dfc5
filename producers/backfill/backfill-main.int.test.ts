import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestKafka, spawnService } from '@velocast/testkit'
import { serveOperator } from '../testing/serve-operator.ts'

const MAIN = new URL('../backfill-main.ts', import.meta.url)

test('the command fills in a window, does nothing the second time, and refuses what it cannot understand', async (context) => {
  const stack = await createTestKafka()
  context.after(() => stack.close())
  const operator = await serveOperator()
  context.after(() => operator.close())
  const folder = mkdtempSync(join(tmpdir(), 'velocast-backfill-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'systems.json')
  writeFileSync(file, JSON.stringify({ systems: [operator.system] }))
  const run = async (...args: string[]) => {
    const command = spawnService(MAIN, { ...stack.env, SYSTEMS_FILE: file }, args)
    const exitCode = await command.exited
    return { exitCode, result: command.events()[0], said: command.lines().join('\n') }
  }

  const day = new Date(Date.now() - 24 * 60 * 60_000).toISOString().slice(0, 10)
  const window = ['--from', `${day}T00:00Z`, '--to', `${day}T01:00Z`]
  const first = await run(...window)
  assert.deepEqual([first.exitCode, first.result?.polls, first.result?.resumed], [0, 5 + 3, 0], first.said)
  const second = await run(...window)
  assert.deepEqual([second.exitCode, second.result?.polls, second.result?.resumed], [0, 0, 5 + 3])

  const refused = [
    [],
    ['--from', 'yesterday'],
    ['--from', day, '--system', 'nowhere'],
    ['nothing'],
    ['trips'],
  ]
  for (const args of refused) assert.equal((await run(...args)).exitCode, 2, args.join(' '))
  assert.match((await run('--from', day, '--system', 'nowhere')).said, /names no system "nowhere"/)

  await operator.close()
  assert.equal((await run('--from', '2026-01-01', '--to', '2026-01-01')).exitCode, 3)
})
