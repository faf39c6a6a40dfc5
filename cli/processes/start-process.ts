/** A service as a child process: its log in a file, ready when it says so, and its last words when it ends too soon. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { nodeOptionsOf, type ServiceName, serviceFile } from './services.ts'

export interface ServiceProcess {
  name: string
  pid: number
  logFile: string
  /** Resolves with the exit code once it has ended; a signal counts as 128. */
  exited: Promise<number>
  /** Resolves with the first log line of which `matches` is true, past or future; rejects when the process ends before. */
  said: (matches: (event: LogEvent) => boolean) => Promise<LogEvent>
  /** The newest lines of its log. */
  lastLines: () => string[]
  /** SIGTERM, then SIGKILL after 30 s. */
  stop: () => Promise<number>
}

export interface LogEvent {
  msg?: string
  level?: number
  [field: string]: unknown
}

export interface ProcessOptions {
  name: ServiceName
  env: Record<string, string>
  logFolder: string
}

const REMEMBERED_EVENTS = 500
const LAST_LINES = 12
const KILL_AFTER_MS = 30_000

export const startProcess = ({ name, env, logFolder }: ProcessOptions): ServiceProcess => {
  mkdirSync(logFolder, { recursive: true })
  const logFile = join(logFolder, `${name}.log`)
  const log = createWriteStream(logFile, { flags: 'a' })
  const child: ChildProcess = spawn(process.execPath, [...nodeOptionsOf(name), serviceFile(name)], {
    env: { ...inherited(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches whole process groups: the order of stopping is for the parent to decide.
    detached: true,
  })
  const events: LogEvent[] = []
  const lines: string[] = []
  const listeners = new Set<(event: LogEvent) => void>()

  const take = (line: string): void => {
    log.write(`${line}\n`)
    lines.push(line)
    if (lines.length > LAST_LINES) lines.shift()
    const event = parseEvent(line)
    if (!event) return
    if (events.length < REMEMBERED_EVENTS) events.push(event)
    for (const listener of listeners) listener(event)
  }
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', take)

  const exited = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      take(String(error))
      resolve(1)
    })
    child.once('exit', (code) => {
      log.end()
      resolve(code ?? 128)
    })
  })

  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    exited,
    said: (matches) =>
      new Promise((resolve, reject) => {
        const known = events.find(matches)
        if (known) return resolve(known)
        const listener = (event: LogEvent): void => {
          if (!matches(event)) return
          listeners.delete(listener)
          resolve(event)
        }
        listeners.add(listener)
        void exited.then((code) =>
          reject(new Error(`${name} ended with exit code ${code}. Its log: ${logFile}\n${lines.join('\n')}`)),
        )
      }),
    lastLines: () => [...lines],
    async stop() {
      child.kill('SIGTERM')
      const killing = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
      const code = await exited
      clearTimeout(killing)
      return code
    },
  }
}

/** What any program needs; everything else is given by name. */
const inherited = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'XDG_CACHE_HOME', 'NODE_COMPILE_CACHE'].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

const parseEvent = (line: string): LogEvent | null => {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
