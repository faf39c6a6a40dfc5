/**
 * Which test files have passed as they are: neither they nor anything that they are made of has changed since. What that is
 * says the task `test:servers` in turbo.json; what turbo makes of it is one hash a package.
 */
import { execFile } from 'node:child_process'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { turbo } from './turbo.ts'

const root = join(import.meta.dirname, '..')
/** A line for each pass: hash, space, file. */
const passedFile = join(root, 'node_modules', '.cache', 'velocast', 'passed')

export interface PassedBefore {
  /** Whether the file, a path from the root, has passed as it is. */
  has: (file: string) => boolean
  /** Remembers that it has. */
  add: (file: string) => Promise<void>
}

interface DryRun {
  tasks: { task: string; directory: string; hash: string }[]
}

export const openPassedBefore = async (): Promise<PassedBefore> => {
  const hashes = await hashesByFolder()
  const lines = await readFile(passedFile, 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  )
  const passed = new Set(lines)
  await mkdir(dirname(passedFile), { recursive: true })
  /** Null of a file that is in no package. */
  const lineOf = (file: string): string | null => {
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
      const hash = hashes.get(folder)
      if (hash) return `${hash} ${file}`
    }
    return null
  }
  return {
    has: (file) => passed.has(lineOf(file) ?? ''),
    async add(file) {
      const line = lineOf(file)
      if (line && !passed.has(line)) await appendFile(passedFile, `${line}\n`)
    },
  }
}

const hashesByFolder = async (): Promise<ReadonlyMap<string, string>> => {
  const { stdout } = await promisify(execFile)(
    turbo.command,
    ['run', 'test:servers', '--dry=json', '--no-update-notifier'],
    {
      cwd: root,
      maxBuffer: 2 ** 26,
      env: { ...process.env, ...turbo.env },
    },
  )
  const { tasks } = JSON.parse(stdout) as DryRun
  return new Map(
    tasks.filter(({ task }) => task === 'test:servers').map(({ directory, hash }) => [directory, hash]),
  )
}
