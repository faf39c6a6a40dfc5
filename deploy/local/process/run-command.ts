import { spawn } from 'node:child_process'

export interface CommandOptions {
  /** What it is called in an error; the command when left out. */
  readonly name?: string
  readonly cwd?: string
  /** The whole environment; the caller's own when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  readonly signal?: AbortSignal | undefined
  /** Called with each line of either stream, as it comes. */
  readonly onLine?: (line: string) => void
}

const keptLines = 15

/**
 * Runs a command to its end and returns its standard output. Throws with the last lines of both streams when it
 * fails; an abort ends the command's whole process group, so that nothing of a package manager is left behind.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  options.signal?.throwIfAborted()
  const name = options.name ?? command
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    const abort = () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    }
    options.signal?.addEventListener('abort', abort, { once: true })

    let output = ''
    const lastLines: string[] = []
    const watch = (stream: NodeJS.ReadableStream, onText: (text: string) => void) => {
      let rest = ''
      stream.setEncoding('utf8').on('data', (text: string) => {
        onText(text)
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines.filter((line) => line.trim() !== '')) {
          lastLines.push(line)
          if (lastLines.length > keptLines) lastLines.shift()
          options.onLine?.(line)
        }
      })
    }
    watch(child.stdout, (text) => {
      output += text
    })
    watch(child.stderr, () => {})

    child.stdin.on('error', () => {}) // A command that ends before it has read its input says so by its exit code.
    child.stdin.end(options.input ?? '')
    child.on('error', (error) => {
      options.signal?.removeEventListener('abort', abort)
      reject(new Error(`Cannot run ${name}: ${error.message}`))
    })
    child.on('close', (code, killedBy) => {
      options.signal?.removeEventListener('abort', abort)
      if (options.signal?.aborted) reject(options.signal.reason)
      else if (code === 0) resolve(output)
      else reject(new Error(`${name} ended with ${code ?? killedBy}:\n  ${lastLines.join('\n  ')}`))
    })
  })
}
