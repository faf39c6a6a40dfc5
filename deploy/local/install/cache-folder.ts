import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { withFileLock } from '../process/file-lock.ts'
import { findProcessesOf, folderMark } from '../process/folder-mark.ts'
import { type CommandOptions, runCommand } from '../process/run-command.ts'
import { stopProcess } from '../process/server-process.ts'
import { type OnProgress, reportOn } from '../progress.ts'

export interface InstallOptions {
  readonly onProgress?: OnProgress | undefined
  readonly signal?: AbortSignal | undefined
}

/** What an install is given to work with. */
export interface Installing {
  /** The empty folder to fill. */
  readonly partial: string
  /** The name it gets when it is complete, for programs that write their own path into their files. */
  readonly final: string
  readonly working: (detail: string) => void
  /** Runs a command that ends with the install, even if that is killed. */
  readonly run: (
    command: string,
    args: readonly string[],
    options?: Omit<CommandOptions, 'env' | 'signal'>,
  ) => Promise<string>
}

/** The user's cache folder for all checkouts, by the XDG rule. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const base = env.XDG_CACHE_HOME
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'velocast')
}

/**
 * The folder of one installed thing; installs it when it is not there. `install` fills a sibling that takes the name only
 * when complete: a folder of that name is never half an install. Two callers at once: the second waits and finds it done.
 * What an interrupted install left, files and processes, is removed first.
 */
export async function installOnce(
  name: string,
  title: string,
  install: (installing: Installing) => Promise<void>,
  { onProgress, signal }: InstallOptions,
): Promise<string> {
  const cache = cacheFolder()
  const final = join(cache, name)
  if (await exists(final)) return final

  const reporter = reportOn(title, onProgress)
  const onWait = () => reporter.working('waiting for another install of the same to end')
  await withFileLock(join(cache, `.${name}.lock`), { signal, onWait }, async () => {
    if (await exists(final)) return
    await removePartials(cache, name)
    const partial = join(cache, `${partialPrefix(name)}${randomBytes(4).toString('hex')}`)
    await mkdir(partial, { recursive: true })
    reporter.working(`installing into ${final}`)
    const env = { ...process.env, [folderMark]: partial }
    const run: Installing['run'] = (command, args, options) =>
      runCommand(command, args, { ...options, env, signal })
    try {
      await install({ partial, final, working: reporter.working, run })
    } catch (error) {
      signal?.throwIfAborted()
      throw new Error(`${title} cannot be installed: ${(error as Error).message}`, { cause: error })
    }
    await rename(partial, final)
    reporter.done('installed')
  })
  return final
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const partialPrefix = (name: string) => `.${name}.partial-`

/** The lock is held, so whatever works for a partial folder was left behind by a caller that is no more. */
async function removePartials(cache: string, name: string): Promise<void> {
  const left = (await readdir(cache)).filter((entry) => entry.startsWith(partialPrefix(name)))
  for (const partial of left.map((entry) => join(cache, entry))) {
    const processes = await findProcessesOf(partial)
    await Promise.all(processes.map((each) => stopProcess(each, { signal: 'SIGKILL', deadlineMs: 0 })))
    await rm(partial, { recursive: true, force: true })
  }
}
