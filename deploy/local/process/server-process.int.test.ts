import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { identifyProcess } from './process-identity.ts'
import { findFamily, stopProcess } from './server-process.ts'
import { waitUntil } from './wait-until.ts'

/** A shell with two children, one of them in a session of its own as PostgreSQL's are. */
async function startFamily(trap: string) {
  const script = `${trap} sleep 30 & setsid sleep 30 & echo up; wait; wait`
  const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(shell.stdout, 'data')
  shell.stdout.destroy() // What survives a failing test must not keep it from ending.
  const head = (await identifyProcess(shell.pid!))!
  assert.ok(await waitUntil(async () => (await findFamily(head)).length === 3, { deadlineMs: 5_000 }))
  return { head, family: await findFamily(head) }
}

const alive = async (family: readonly { pid: number }[]) =>
  (await Promise.all(family.map(({ pid }) => identifyProcess(pid)))).filter(
    (identity) => identity !== undefined,
  )

test('SIGKILL ends a server with all that it started', async () => {
  const { head, family } = await startFamily('')
  await stopProcess(head, { signal: 'SIGKILL', deadlineMs: 0 })
  assert.deepEqual(await alive(family), [])
})

test('a server that does not heed its signal is killed at the deadline, with all that it started', async () => {
  const { head, family } = await startFamily("trap '' TERM;")
  await stopProcess(head, { signal: 'SIGTERM', deadlineMs: 300 })
  assert.deepEqual(await alive(family), [])
})

test('children that outlive an orderly stop are killed too', async () => {
  const { head, family } = await startFamily('')
  await stopProcess(head, { signal: 'SIGTERM', deadlineMs: 300 })
  assert.deepEqual(await alive(family), [])
})
