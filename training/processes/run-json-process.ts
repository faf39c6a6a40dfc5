/** A child process that says in JSON lines on its standard output how far it is, and by its exit code how it went. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface JsonProcess {
  command: string
  args: readonly string[]
  cwd?: string
  /** Added to PATH, HOME and NODE_COMPILE_CACHE, and nothing else of this process's environment. */
  env: Record<string, string>
  signal: AbortSignal
  timeoutMs: number
  /** From SIGTERM to SIGKILL (default 10 s). */
  killAfterMs?: number
  onStart?: (pid: number) => void
  onEvent: (event: Record<string, unknown>) => void
  onLogLine: (line: string) => void
}

export interface JsonProcessResult {
  exitCode: number
  /** What it said was wrong (`error` events), or the end of its log. */
  detail: string
}

const LAST_LINES = 15
const KILL_AFTER_MS = 10_000
const TIMED_OUT = 124

/** Resolves when the process has ended; rejects with the signal's reason when aborted, once it has ended. */
export const runJsonProcess = async (options: JsonProcess): Promise<JsonProcessResult> => {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(options.command, options.args, {
    ...(options.cwd ? { cwd: options.cwd } : {}),
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.pid !== undefined) options.onStart?.(child.pid)
  const lastLines: string[] = []
  let said: string | null = null

  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = parseEvent(line)
    if (!event) return options.onLogLine(line)
    if (event.event === 'error') said = String(event.detail)
    options.onEvent(event)
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLines.push(line)
    if (lastLines.length > LAST_LINES) lastLines.shift()
    options.onLogLine(line)
  })

  let isTimedOut = false
  const end = (): void => {
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), options.killAfterMs ?? KILL_AFTER_MS).unref()
  }
  const timer = setTimeout(() => {
    isTimedOut = true
    end()
  }, options.timeoutMs)
  options.signal.addEventListener('abort', end, { once: true })
  if (options.signal.aborted) end()

  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      said = `${options.command} cannot be started: ${error.message}`
      resolve(1)
    })
    child.once('close', (code, signal) => {
      // Such as the kernel's, when memory has run out: the child had no time for words.
      if (signal) said ??= `${options.command} was ended by ${signal}`
      resolve(code ?? 1)
    })
  })
  clearTimeout(timer)
  options.signal.removeEventListener('abort', end)
  options.signal.throwIfAborted()
  if (isTimedOut) return { exitCode: TIMED_OUT, detail: `ended after ${options.timeoutMs / 60_000} minutes` }
  return { exitCode, detail: said ?? lastLines.join('\n') }
}

const parseEvent = (line: string): Record<string, unknown> | null => {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
