/** The servers as containers, by `docker-compose.yml`: for machines on which a Docker engine answers. */
import type { StackAddresses, StackPorts } from '@velocast/local-stack'
import { EXIT } from '../terminal/exit-code.ts'
import { CommandError } from '../terminal/until-interrupted.ts'
import { adviceOnDocker } from './advice-on-docker.ts'
import { databasePassword } from './database-password.ts'
import { findDockerProblem } from './find-docker-problem.ts'
import { type ContainerStatus, readContainers } from './read-containers.ts'
import { runCompose } from './run-compose.ts'

const LAST_LINES = 10

/** Where the containers of `docker-compose.yml` are reached from this machine. */
export const dockerAddresses = (ports: StackPorts, password: string): StackAddresses => ({
  kafkaBrokers: [`127.0.0.1:${ports.kafka}`],
  schemaRegistryUrl: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
  databaseUrl: `postgresql://velocast:${encodeURIComponent(password)}@127.0.0.1:${ports.postgres}/velocast`,
  mlflowUrl: `http://127.0.0.1:${ports.mlflow}`,
})

export interface DockerStackOptions {
  ports: StackPorts
  say: (detail: string) => void
  signal: AbortSignal
}

/** Starts the containers and waits until their health checks pass. Throws with the reason, and what to do about it. */
export const startDockerStack = async ({
  ports,
  say,
  signal,
}: DockerStackOptions): Promise<StackAddresses> => {
  await requireDocker()
  const password = await databasePassword()
  const { code, output } = await runCompose(['up', '--detach', '--wait', '--build'], { ports, say, signal })
  signal.throwIfAborted()
  if (code !== 0) throw await failureToStart(output, ports)
  return dockerAddresses(ports, password)
}

/** Stops the containers; their data stays. */
export const stopDockerStack = async (ports: StackPorts, say: (detail: string) => void): Promise<void> => {
  await requireDocker()
  const { code, output } = await runCompose(['stop'], { ports, say })
  if (code !== 0) throw failure([`docker compose stop failed:\n${lastLines(output)}`])
}

/** Every server's container, running or not. */
export const dockerStackStatus = async (ports: StackPorts): Promise<ContainerStatus[]> => {
  await requireDocker()
  const { code, output, stdout } = await runCompose(['ps', '--all', '--format', 'json'], { ports })
  if (code !== 0) throw failure([`docker compose ps failed:\n${lastLines(output)}`])
  return readContainers(stdout, ports)
}

const requireDocker = async (): Promise<void> => {
  const problem = await findDockerProblem()
  if (problem) throw new CommandError(`The servers cannot run as containers. ${problem}`, EXIT.unavailable)
}

/** What Docker Compose said last, and the last lines of every server that has failed (and is not merely on its way). */
const failureToStart = async (output: string, ports: StackPorts): Promise<CommandError> => {
  const parts = [`docker compose up failed:\n${lastLines(output)}`]
  // An engine that has gone away has been named already, by the failure itself.
  const containers = await dockerStackStatus(ports).catch(() => [])
  for (const { server, state } of containers) {
    if (!/unhealthy|exited|restarting|dead/.test(state)) continue
    const logs = ['logs', '--no-color', '--no-log-prefix', '--tail', String(LAST_LINES), server]
    const { output: log } = await runCompose(logs, { ports })
    if (log.trim() !== '') parts.push(`The last lines of ${server}:\n${lastLines(log)}`)
  }
  return failure(parts)
}

const failure = (parts: readonly string[]): CommandError => {
  const advice = adviceOnDocker(parts.join('\n'))
  return new CommandError([...parts, ...(advice ? [advice] : [])].join('\n\n'), EXIT.unavailable)
}

const lastLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-LAST_LINES)
    .join('\n')
