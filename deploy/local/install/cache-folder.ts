import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { withFileLock } from '../process/file-lock.ts'
import { type OnProgress, reportOn } from '../progress.ts'

export interface InstallOptions {
  readonly onProgress?: OnProgress | undefined
  readonly signal?: AbortSignal | undefined
}

interface InstallOnceOptions extends InstallOptions {
  readonly beforeDiscard?: (partial: string) => Promise<void>
}

/** The user's cache folder for all checkouts, by the XDG rule. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const base = env.XDG_CACHE_HOME
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'velocast')
}

export const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/**
 * The folder of one installed thing; installs it when it is not there. `install` fills a sibling that takes the name only
 * when complete: a folder of that name is never half an install. Two callers at once: the second waits and finds it done.
 * What an interrupted install left is removed, after `beforeDiscard` has ended whatever still uses it.
 */
export async function installOnce(
  name: string,
  title: string,
  install: (partial: string, final: string, working: (detail: string) => void) => Promise<void>,
  { onProgress, signal, beforeDiscard }: InstallOnceOptions,
): Promise<string> {
  const cache = cacheFolder()
  const final = join(cache, name)
  if (await exists(final)) return final

  const reporter = reportOn(title, onProgress)
  const onWait = () => reporter.working('waiting for another install of the same to end')
  await withFileLock(join(cache, `.${name}.lock`), { signal, onWait }, async () => {
    if (await exists(final)) return
    await removePartials(cache, name, beforeDiscard)
    const partial = join(cache, `${partialPrefix(name)}${randomBytes(4).toString('hex')}`)
    await mkdir(partial, { recursive: true })
    reporter.working(`installing into ${final}`)
    await install(partial, final, reporter.working).catch((error: Error) => {
      signal?.throwIfAborted()
      throw new Error(`${title} cannot be installed: ${error.message}`, { cause: error })
    })
    await rename(partial, final)
    reporter.done('installed')
  })
  return final
}

const partialPrefix = (name: string) => `.${name}.partial-`

async function removePartials(
  cache: string,
  name: string,
  beforeDiscard: InstallOnceOptions['beforeDiscard'],
): Promise<void> {
  const left = (await readdir(cache)).filter((entry) => entry.startsWith(partialPrefix(name)))
  for (const partial of left.map((entry) => join(cache, entry))) {
    await beforeDiscard?.(partial)
    await rm(partial, { recursive: true, force: true })
  }
}
