import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What the check needs of the outcome of a `docker` command; `code` is ENOENT where there is no such command. */
export interface DockerAnswer {
  code: number | 'ENOENT' | 'TIMEOUT'
  stdout: string
  stderr: string
}

export type AskDocker = (args: readonly string[]) => Promise<DockerAnswer>

const ANSWER_WITHIN_MS = 5_000
/** Health checks that are quick at the start and rare later (`start_interval`) need both. */
const OLDEST_ENGINE = [25, 0, 0] as const
const OLDEST_COMPOSE = [2, 20, 2] as const

/** What keeps this machine from running the containers, and what to do about it; null when nothing does. */
export const findDockerProblem = async (ask: AskDocker = askDocker): Promise<string | null> => {
  const engine = await askEngine(ask)
  if (engine.code === 'ENOENT')
    return 'There is no command `docker`: install Docker Engine 25 or newer with its compose plugin.'
  if (engine.code === 'TIMEOUT')
    return `The Docker engine has not answered within ${ANSWER_WITHIN_MS / 1000} s: restart it.`
  if (/permission denied/i.test(engine.stderr))
    return 'This user may not talk to the Docker engine: `sudo usermod --append --groups docker $USER`, then log in anew.'
  if (engine.code !== 0)
    return `No Docker engine answers (${lastLine(engine.stderr)}): start it, by \`sudo systemctl start docker\` or with Docker Desktop.`
  if (isOlder(engine.stdout, OLDEST_ENGINE))
    return `Docker Engine ${engine.stdout.trim()} is too old: ${OLDEST_ENGINE[0]} or newer is needed.`

  const compose = await ask(['compose', 'version', '--short'])
  if (compose.code !== 0)
    return 'Docker has no compose plugin (`docker compose`): install the package docker-compose-plugin from Docker, docker-compose-v2 from Ubuntu, or docker-compose from Debian 13.'
  if (isOlder(compose.stdout, OLDEST_COMPOSE))
    return `Docker's compose plugin ${compose.stdout.trim()} is too old: ${OLDEST_COMPOSE.join('.')} or newer is needed.`
  return null
}

/** Whether there is an engine behind the `docker` command; a client alone is not enough. */
export const dockerAnswers = async (ask: AskDocker = askDocker): Promise<boolean> =>
  (await askEngine(ask)).code === 0

const askEngine = (ask: AskDocker): Promise<DockerAnswer> =>
  ask(['version', '--format', '{{.Server.Version}}'])

const run = promisify(execFile)

const askDocker: AskDocker = (args) =>
  run('docker', [...args], { timeout: ANSWER_WITHIN_MS }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, killed, stdout = '', stderr = '' }) => ({
      code: code === 'ENOENT' ? code : killed ? 'TIMEOUT' : 1,
      stdout,
      stderr,
    }),
  )

/** Distributions add to the numbers: `26.1.5+dfsg1`, `v2.26.1-4`. What holds no version is not judged. */
const isOlder = (version: string, oldest: readonly [number, number, number]): boolean => {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)
  if (!found) return false
  for (const [index, least] of oldest.entries()) {
    const part = Number(found[index + 1] ?? 0)
    if (part !== least) return part < least
  }
  return false
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
