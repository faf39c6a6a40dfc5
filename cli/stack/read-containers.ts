import { type ServerName, type StackPorts, serverNames } from '@velocast/local-stack'

export interface ContainerStatus {
  server: ServerName
  /** It runs and its health check passes. */
  isRunning: boolean
  port: number
  /** In Docker's words: running and healthy, exited, … */
  state: string
  /** The command that shows its log. */
  log: string
}

interface ComposeContainer {
  Service: string
  State: string
  Health: string
}

/** What `docker compose ps --all --format json` says of each server; one that has no container has never been started. */
export const readContainers = (output: string, ports: StackPorts): ContainerStatus[] => {
  const containers = parseContainers(output)
  return serverNames.map((server) => {
    const container = containers.find(({ Service }) => Service === server)
    return {
      server,
      isRunning: container?.State === 'running' && container.Health === 'healthy',
      port: ports[server],
      state: container ? [container.State, container.Health].filter(Boolean).join(', ') : 'not made yet',
      log: `docker compose logs ${server}`,
    }
  })
}

/** Compose has said it in one array until 2.20, and says it in one line a container since. */
const parseContainers = (output: string): ComposeContainer[] => {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.flatMap((line) => JSON.parse(line) as ComposeContainer | ComposeContainer[])
}
