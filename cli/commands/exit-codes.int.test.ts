/** What a script learns from a command's exit code; no server is needed for it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'velocast-exit-codes-'))
after(() => rmSync(folder, { recursive: true }))
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

const velocast = (line: string, systemsFile = 'systems.json') =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const args = ['--no-warnings', main, ...line.split(' ').filter(Boolean)]
    const env = { ...process.env, ...AWAY, SYSTEMS_FILE: join(folder, systemsFile) }
    const child = execFile(process.execPath, args, { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })

const AT_ONCE = 4

const assertCodes = async (
  code: number,
  lines: readonly (string | [line: string, systemsFile: string])[],
) => {
  const waiting = [...lines]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [line, systemsFile] = typeof next === 'string' ? [next] : next
      const ended = await velocast(line, systemsFile)
      assert.equal(ended.code, code, `${line}\n${ended.stderr}`)
      assert.doesNotMatch(ended.stderr, /^\s+at .*:\d+:\d+\)?$/m, `a stack trace: ${line}`)
      if (code >= 2) assert.deepEqual([ended.stdout, ended.stderr === ''], ['', false], line)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

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
