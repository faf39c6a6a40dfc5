import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface SpawnedService {
  pid: number
  /** What it wrote so far: standard output and standard error, line by line in the order of arrival. */
  lines: () => readonly string[]
  /** Those lines of output that are JSON, which is what services log. */
  events: () => readonly Record<string, unknown>[]
  /** Resolves with the exit code, or with the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>
  isRunning: () => boolean
  /** Sends the signal (default SIGTERM) and resolves as `exited` does. */
  kill: (signal?: NodeJS.Signals) => Promise<number | NodeJS.Signals>
}

/** What every process needs: PATH, HOME and where compiled code is kept. No setting of the machine beside it reaches a test's. */
export const leastEnvironment = (): Record<string, string> => {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  return { PATH, HOME, NODE_COMPILE_CACHE }
}

/**
 * Starts a service's main file as a process of its own, under the Node that runs the test. `env` is added to the
 * least environment. It is killed when the test process ends.
 */
export const spawnService = (
  file: string | URL,
  env: Record<string, string>,
  args: readonly string[] = [],
): SpawnedService => {
  const path = file instanceof URL ? fileURLToPath(file) : file
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...leastEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const events: Record<string, unknown>[] = []
  let linesParsed = 0
  collectLines(child, lines)
  const killWithTest = (): void => void child.kill('SIGKILL')
  process.once('exit', killWithTest)
  const exited = once(child, 'close').then(([code, signal]) => {
    process.off('exit', killWithTest)
    return (code ?? signal) as number | NodeJS.Signals
  })
  exited.catch(() => undefined)
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null
  return {
    pid: child.pid ?? 0,
    lines: () => lines,
    events() {
      // Tests ask every few milliseconds: each line is parsed once.
      for (; linesParsed < lines.length; linesParsed += 1) events.push(...parseEvent(lines[linesParsed]!))
      return events
    },
    exited,
    isRunning,
    kill(signal = 'SIGTERM') {
      if (isRunning()) child.kill(signal)
      return exited
    },
  }
}

const collectLines = (child: ChildProcess, lines: string[]): void => {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const pieces = (rest + text).split('\n')
      rest = pieces.pop() ?? ''
      lines.push(...pieces)
    })
    stream?.on('end', () => {
      if (rest !== '') lines.push(rest)
    })
  }
}

const parseEvent = (line: string): Record<string, unknown>[] => {
  if (!line.startsWith('{')) return []
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}
