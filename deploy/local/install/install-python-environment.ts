import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../process/run-command.ts'
import { type InstallOptions, installOnce } from './cache-folder.ts'
import { machineName, pythonVenv, requirePrograms } from './prerequisites.ts'

export interface PythonEnvironment extends InstallOptions {
  /** Names the environment in the cache and in progress lines. */
  readonly name: string
  /** A lock file: every package with its exact version, and its hashes (`uv pip compile --generate-hashes`). */
  readonly requirementsFile: string
}

/**
 * Installs a locked Python environment and returns its folder; the interpreter is `bin/python` in it. The same lock file
 * on the same Python is the same folder, for every checkout. Throws when Python >= 3.11 is missing or a hash differs.
 */
export async function installPythonEnvironment(environment: PythonEnvironment): Promise<string> {
  const { name, requirementsFile, signal } = environment
  await requirePrograms([pythonVenv], environment)
  const [lock, python, machine] = await Promise.all([
    readFile(requirementsFile),
    runCommand('python3', ['-c', 'import sys; print(sys.version)'], { signal }),
    machineName(),
  ])
  const key = createHash('sha256').update(lock).update(python).update(machine).digest('hex').slice(0, 12)

  return installOnce(
    `python-${name}-${key}`,
    name,
    async ({ partial, final, working, run }) => {
      await run('python3', ['-m', 'venv', partial])
      working('downloading and unpacking Python packages')
      const quietly = ['--quiet', '--no-input', '--disable-pip-version-check']
      // Not compiled: Python compiles what is used when it is first used, a small part of it all.
      const locked = ['--no-compile', '--no-deps', ...hashFlags(lock), '--requirement', requirementsFile]
      await run(join(partial, 'bin', 'python'), ['-m', 'pip', 'install', ...quietly, ...locked], {
        name: 'pip',
      })
      await moveScripts(join(partial, 'bin'), partial, final)
    },
    environment,
  )
}

/** pip would require hashes of its own accord only if the first requirement had one. */
function hashFlags(lock: Buffer): string[] {
  return lock.includes('--hash=') ? ['--require-hashes'] : []
}

/** Scripts name their interpreter by its whole path, which is another one once the folder has its final name. */
async function moveScripts(folder: string, from: string, to: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(folder, entry.name)
    const content = await readFile(path)
    if (content.includes(from) && !content.includes(0))
      await writeFile(path, content.toString().replaceAll(from, to))
  }
}
