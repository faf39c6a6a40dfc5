import { spawn } from 'node:child_process'
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Launch } from '../server.ts'
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts'
import { waitUntil } from './wait-until.ts'

/** What is kept of a started server, so that a later command finds it again. */
export interface ServerRecord extends ProcessIdentity {
  readonly port: number
  readonly startedAt: number
}

/** Starts a process that outlives this one, its output going to a file, and writes its record. */
export async function startDetached(
  launch: Launch,
  { log, record, port }: { readonly log: string; readonly record: string; readonly port: number },
): Promise<ServerRecord> {
  await Promise.all([mkdir(dirname(log), { recursive: true }), mkdir(dirname(record), { recursive: true })])
  // One log a run, and the one before it: a log that is never cut fills a developer's disk in the end.
  await rename(log, `${log}.previous`).catch(() => {})
  const output = await open(log, 'a')
  try {
    const child = spawn(launch.command, launch.args, {
      cwd: launch.cwd,
      env: launch.env,
      stdio: ['ignore', output.fd, output.fd],
      detached: true,
    })
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    child.unref()
    const identity = await identifyProcess(child.pid!)
    if (identity === undefined) throw new Error(`${launch.command} ended at once`)
    const written: ServerRecord = { ...identity, port, startedAt: Date.now() }
    await writeFile(`${record}.new`, JSON.stringify(written))
    await rename(`${record}.new`, record)
    return written
  } finally {
    await output.close()
  }
}

/** The record of a server that runs; undefined when there is none, or its process is gone or another's by now. */
export async function findRunning(record: string): Promise<ServerRecord | undefined> {
  try {
    const read = JSON.parse(await readFile(record, 'utf8')) as ServerRecord
    return (await isRunning(read)) ? read : undefined
  } catch {
    return undefined
  }
}

export interface StopOptions {
  readonly signal: NodeJS.Signals
  readonly deadlineMs: number
}

/**
 * Ends a server and all that it started. With SIGKILL nothing gets a chance to say goodbye, as in a power cut; any other
 * signal goes to the server alone, and what is left at the deadline is killed.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  { signal, deadlineMs }: StopOptions,
): Promise<void> {
  const familyBefore = await findFamily(identity)
  if (signal !== 'SIGKILL') {
    await sendSignal(identity, signal)
    if (await waitUntil(() => areGone(familyBefore), { deadlineMs })) return
  }
  // Held still first, it cannot start another child while its children are counted.
  await sendSignal(identity, 'SIGSTOP')
  // Those of before too: once their parent has ended, they cannot be found as its children.
  const family = [...(await findFamily(identity)), ...familyBefore]
  for (const member of family) await sendSignal(member, 'SIGKILL')
  if (!(await waitUntil(() => areGone(family), { deadlineMs: 10_000 }))) {
    throw new Error(`Process ${identity.pid} does not end, not even by SIGKILL: is its disk hanging?`)
  }
}

export async function removeRecord(record: string): Promise<void> {
  await rm(record, { force: true })
}

const areGone = async (family: readonly ProcessIdentity[]) =>
  (await Promise.all(family.map(isRunning))).every((running) => !running)

async function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (!(await isRunning(identity))) return
  try {
    process.kill(identity.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A process and all that it started, itself first. */
export async function findFamily(head: ProcessIdentity): Promise<ProcessIdentity[]> {
  const parents = new Map<number, number>()
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => undefined)
    if (stat !== undefined)
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const descendsFromHead = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === head.pid || descendsFromHead(parent))
  }
  const identities = await Promise.all([...parents.keys()].filter(descendsFromHead).map(identifyProcess))
  return [head, ...identities.filter((identity) => identity !== undefined)]
}
