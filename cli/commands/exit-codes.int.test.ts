/** What a script learns from a command's exit code; no server is needed for it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type CommandAnswer, openCommandLine } from '@velocast/testkit'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'velocast-exit-codes-'))
const commands = openCommandLine(new URL('../testing/answer-commands.ts', import.meta.url))
after(() => {
  commands.close()
  rmSync(folder, { recursive: true })
})
before(() => {
  const place = { timeZone: 'Europe/Oslo', country: 'NO', latitude: 59.9, longitude: 10.7 }
  const systems = [{ systemId: 'oslo', gbfs: 'http://127.0.0.1:2/gbfs.json', ...place }]
  writeFileSync(join(folder, 'systems.json'), JSON.stringify({ systems }))
  writeFileSync(join(folder, 'broken.json'), '{')
})

/** Nobody listens there. */
const AWAY = {
  KAFKA_BROKERS: '127.0.0.1:2',
  SCHEMA_REGISTRY_URL: 'http://127.0.0.1:2',
  DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:2/nowhere',
  MLFLOW_TRACKING_URI: 'http://127.0.0.1:2',
}

type Run = (words: string[], env: Record<string, string>) => Promise<CommandAnswer>

/** As a script starts it. */
const inItsOwnProcess: Run = (words, env) =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--no-warnings', main, ...words],
      { env: { ...process.env, ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })

const assertCodes = async (
  code: number,
  lines: readonly (string | [line: string, systemsFile: string])[],
  run: Run = commands.run,
) => {
  for (const each of lines) {
    const [line, systemsFile] = typeof each === 'string' ? [each, 'systems.json'] : each
    const env = { ...AWAY, SYSTEMS_FILE: join(folder, systemsFile) }
    const ended = await run(line.split(' ').filter(Boolean), env)
    assert.equal(ended.code, code, `${line}\n${ended.stderr}`)
    assert.doesNotMatch(ended.stderr, /^\s+at .*:\d+:\d+\)?$/m, `a stack trace: ${line}`)
    if (code >= 2) assert.deepEqual([ended.stdout, ended.stderr === ''], ['', false], line)
  }
}

test('one of each, in a process of its own', async () => {
  await assertCodes(0, ['--help'], inItsOwnProcess)
  await assertCodes(1, ['system check http://127.0.0.1:2/'], inItsOwnProcess)
  await assertCodes(2, ['no-such-command', 'forecast a --hours 169'], inItsOwnProcess)
  await assertCodes(3, ['keys list', 'models'], inItsOwnProcess)
})

test('what was asked for is done: 0', () => assertCodes(0, ['--help', 'help backfill']))

test('a mistake on the command line or in the configuration: 2, in every command', () =>
  assertCodes(2, [
    '',
    'no-such-command',
    '--no-such-option',
    'system',
    'stack no-such-command',
    'quality --hours many',
    ['quality', 'nothing.json'],
    ['system list', 'broken.json'],
    'backfill feed --from yesterday',
    'backfill trips no-such-file.csv',
    `backfill status ${folder} no-such-file.csv`,
    'promote --version 1 --system nowhere',
    'start --system nowhere',
    ['start', 'nothing.json'],
    'forecast a --hours 169',
    'forecast a --api nowhere',
    'system add nowhere',
    'system add http://127.0.0.1:2/ --key-variable KEY',
    'redrive --reason no-such-reason',
    'replay --from 2026-01-01',
    'demo --seed x',
    'bench no-such-bench',
    'train --system nowhere',
    'keys',
    'keys create',
    'keys create --name a --scope no-such-scope',
    'keys create --name a --expires 2020-01-01',
    'keys revoke no-such-key',
  ]))

test('a feed that cannot be followed: 1', () =>
  assertCodes(1, ['system check http://127.0.0.1:2/', 'system add http://127.0.0.1:2/']))

test('a server that does not answer: 3', () =>
  assertCodes(3, [
    'quality',
    'models',
    'migrate',
    'keys list',
    'keys create --name a',
    'keys revoke 0123456789ab',
    'forecast a --api http://127.0.0.1:2',
  ]))
