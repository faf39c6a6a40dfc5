import { readFile } from 'node:fs/promises'
import { findProcessesOf, folderMark } from './process/folder-mark.ts'
import {
  findFamily,
  findRunning,
  removeRecord,
  startDetached,
  stopProcess,
} from './process/server-process.ts'
import { waitUntil } from './process/wait-until.ts'
import { type OnProgress, reportOn } from './progress.ts'
import { type Server, type ServerContext, serverNames } from './server.ts'
import type { HomeFolders } from './stack-home.ts'

const readyDeadlineMs = 90_000
const orderlyStopDeadlineMs = 20_000

export interface RunOptions {
  readonly onProgress?: OnProgress | undefined
  readonly signal?: AbortSignal | undefined
}

/** Starts a server unless it runs, and waits until it does its work. Throws, with the end of its log, if it never does. */
export async function bringUp(
  server: Server,
  context: ServerContext,
  { onProgress, signal }: RunOptions,
): Promise<void> {
  const { home, ports } = context
  const record = home.recordOf(server.name)
  const reporter = reportOn(server.name, onProgress)
  let running = await findRunning(record)
  const wasRunning = running !== undefined
  if (running === undefined) {
    reporter.working('starting')
    await server.prepare(context)
    const launch = server.launch(context)
    running = await startDetached(
      { ...launch, env: { ...launch.env, [folderMark]: home.path } },
      {
        log: home.logOf(server.name),
        record,
        port: ports[server.name],
      },
    )
  }

  let hasEnded = false
  const isReadyOrEnded = async () => {
    hasEnded = (await findRunning(record)) === undefined
    if (hasEnded) return true
    const patience = AbortSignal.timeout(3_000)
    return server.isReady(context, signal === undefined ? patience : AbortSignal.any([signal, patience]))
  }
  const isReady = (await waitUntil(isReadyOrEnded, { deadlineMs: readyDeadlineMs, signal })) && !hasEnded
  if (!isReady) {
    const what = hasEnded ? 'ended while starting' : `is not ready after ${readyDeadlineMs / 1000} s`
    throw new Error(
      `${server.name} ${what}. The end of ${home.logOf(server.name)}:\n${await endOfLog(home, server)}`,
    )
  }
  reporter.done(`${wasRunning ? 'was running' : 'up'} on port ${ports[server.name]}`)
}

/** Stops a server if it runs. `SIGTERM` stands for an orderly stop, by whatever signal this server takes for it. */
export async function bringDown(
  server: Server,
  home: HomeFolders,
  options: { readonly by?: 'SIGTERM' | 'SIGKILL'; readonly onProgress?: OnProgress | undefined } = {},
): Promise<void> {
  const running = await findRunning(home.recordOf(server.name))
  if (running !== undefined) {
    const reporter = reportOn(server.name, options.onProgress)
    reporter.working('stopping')
    const signal = options.by === 'SIGKILL' ? 'SIGKILL' : server.stopSignal
    await stopProcess(running, { signal, deadlineMs: orderlyStopDeadlineMs })
    reporter.done('stopped')
  }
  await removeRecord(home.recordOf(server.name))
}

/**
 * Kills what a home started and lost the record of: its folder was deleted under running servers. Their data is gone with
 * it, so there is nothing that they could still save.
 */
export async function killStrays(home: HomeFolders, onProgress?: OnProgress): Promise<void> {
  const marked = await findProcessesOf(home.path)
  // Families are looked up second: a child that PostgreSQL has forked meanwhile is then known as its child.
  const recorded = await Promise.all(serverNames.map((name) => findRunning(home.recordOf(name))))
  const families = await Promise.all(
    recorded.map((record) => (record === undefined ? [] : findFamily(record))),
  )
  const known = new Set(families.flat().map(({ pid }) => pid))
  const strays = marked.filter(({ pid }) => !known.has(pid))
  if (strays.length === 0) return
  const reporter = reportOn('strays', onProgress)
  reporter.working(`ending ${strays.length} processes of a home that was deleted while they ran`)
  await Promise.all(strays.map((stray) => stopProcess(stray, { signal: 'SIGKILL', deadlineMs: 0 })))
  reporter.done('ended')
}

async function endOfLog(home: HomeFolders, server: Server): Promise<string> {
  const log = await readFile(home.logOf(server.name), 'utf8').catch(() => '(no log)')
  return log.trimEnd().split('\n').slice(-15).join('\n')
}
