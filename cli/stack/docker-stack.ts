/** The servers as containers, by `docker-compose.yml`: for machines on which a Docker engine answers. */
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { StackAddresses, StackPorts } from '@velocast/local-stack'
import { checkoutFolder } from '../folders.ts'
import { CommandError } from '../terminal/until-interrupted.ts'

const run = promisify(execFile)
const PASSWORD = 'VELOCAST_DATABASE_PASSWORD'
const LAST_LINES = 20

/** Whether there is an engine behind the `docker` command; a client alone is not enough. */
export const dockerAnswers = (): Promise<boolean> =>
  run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 5_000 }).then(
    () => true,
    () => false,
  )

/** Where the containers of `docker-compose.yml` are reached from this machine. */
export const dockerAddresses = (ports: StackPorts, password: string): StackAddresses => ({
  kafkaBrokers: [`127.0.0.1:${ports.kafka}`],
  schemaRegistryUrl: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
  databaseUrl: `postgresql://velocast:${encodeURIComponent(password)}@127.0.0.1:${ports.postgres}/velocast`,
  mlflowUrl: `http://127.0.0.1:${ports.mlflow}`,
})

/** The password of `.env`, which Docker Compose reads too; made at the first start, readable by its owner alone. */
export const databasePassword = async (file = join(checkoutFolder, '.env')): Promise<string> => {
  const given = process.env[PASSWORD]
  if (given) return given
  const content = await readFile(file, 'utf8').catch(() => '')
  const known = new RegExp(`^${PASSWORD}=(.+)$`, 'm').exec(content)?.[1]
  if (known) return known.trim()
  const made = randomBytes(16).toString('hex')
  const separator = content === '' || content.endsWith('\n') ? '' : '\n'
  await writeFile(file, `${content}${separator}${PASSWORD}=${made}\n`, { mode: 0o600 })
  return made
}

export interface DockerStackOptions {
  ports: StackPorts
  say: (detail: string) => void
  signal: AbortSignal
}

/** Starts the containers and waits until their health checks pass. */
export const startDockerStack = async ({
  ports,
  say,
  signal,
}: DockerStackOptions): Promise<StackAddresses> => {
  const password = await databasePassword()
  await compose(['up', '--detach', '--wait', '--build'], ports, say, signal)
  return dockerAddresses(ports, password)
}

/** Stops the containers; their data stays. */
export const stopDockerStack = (ports: StackPorts, say: (detail: string) => void): Promise<void> =>
  compose(['stop'], ports, say, new AbortController().signal)

const compose = (
  args: readonly string[],
  ports: StackPorts,
  say: (detail: string) => void,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('docker', ['compose', '--progress', 'plain', ...args], {
      cwd: checkoutFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      env: {
        ...process.env,
        VELOCAST_POSTGRES_PORT: String(ports.postgres),
        VELOCAST_KAFKA_PORT: String(ports.kafka),
        VELOCAST_REGISTRY_PORT: String(ports.registry),
        VELOCAST_MLFLOW_PORT: String(ports.mlflow),
      },
    })
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
          lines.push(line)
          if (lines.length > LAST_LINES) lines.shift()
          say(line.trim())
        }
      })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(
            new CommandError(`docker compose ${args[0]} ended with exit code ${code}:\n${lines.join('\n')}`),
          ),
    )
  })
