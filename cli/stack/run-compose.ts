import { spawn } from 'node:child_process'
import type { StackPorts } from '@velocast/local-stack'
import { checkoutFolder } from '../folders.ts'
import { knownPassword, PASSWORD_VARIABLE } from './database-password.ts'

export interface ComposeOptions {
  ports: StackPorts
  /** Every line that it prints. */
  say?: (line: string) => void
  /** Interrupts it, as Ctrl-C would; what it has started goes on running. */
  signal?: AbortSignal
}

export interface ComposeEnd {
  /** Null when a signal ended it. */
  code: number | null
  stdout: string
  /** Both streams, in the order in which they came. */
  output: string
}

/** Runs `docker compose` on the project's `docker-compose.yml` until it ends, however it ends. */
export const runCompose = async (
  args: readonly string[],
  { ports, say, signal }: ComposeOptions,
): Promise<ComposeEnd> => {
  // The file cannot be read without a password, which few commands need.
  const password = (await knownPassword()) ?? 'none'
  return new Promise((resolve, reject) => {
    const child = spawn('docker', ['compose', '--ansi', 'never', '--progress', 'plain', ...args], {
      cwd: checkoutFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        [PASSWORD_VARIABLE]: password,
        VELOCAST_POSTGRES_PORT: String(ports.postgres),
        VELOCAST_KAFKA_PORT: String(ports.kafka),
        VELOCAST_REGISTRY_PORT: String(ports.registry),
        VELOCAST_MLFLOW_PORT: String(ports.mlflow),
      },
    })
    const interrupt = (): void => void child.kill('SIGINT')
    signal?.addEventListener('abort', interrupt, { once: true })
    if (signal?.aborted) interrupt()

    let stdout = ''
    let output = ''
    const take = (text: string): void => {
      output += text
      for (const line of text.split('\n')) if (line.trim() !== '') say?.(line.trim())
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      take(text)
    })
    child.stderr.setEncoding('utf8').on('data', take)
    child.once('error', reject)
    child.once('close', (code) => {
      signal?.removeEventListener('abort', interrupt)
      resolve({ code, stdout, output })
    })
  })
}
