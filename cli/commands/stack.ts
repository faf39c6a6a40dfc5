import type { ServerStatus } from '@velocast/local-stack'
import type { Command } from 'commander'
import type { ContainerStatus } from '../stack/read-containers.ts'
import { EXIT } from '../terminal/exit-code.ts'
import { terminalProgress } from '../terminal/terminal-progress.ts'
import { untilInterrupted } from '../terminal/until-interrupted.ts'

export const addStack = (program: Command): void => {
  const stack = program
    .command('stack')
    .description('the local servers: Kafka, TimescaleDB, schema registry, MLflow')

  stack
    .command('up')
    .description('install them if need be, start them, and print the variables by which services find them')
    .action(async () => {
      const { openStack } = await import('../stack/open-stack.ts')
      await untilInterrupted(async ({ signal }) => {
        const { env } = await openStack(terminalProgress(process.stderr), signal)
        for (const [name, value] of Object.entries(env)) process.stdout.write(`export ${name}=${value}\n`)
      })
    })

  stack
    .command('status')
    .description('which of them run; exit code 1 when one does not')
    .option('--json', 'for scripts')
    .action(async ({ json }) => {
      const { serverStatus } = await import('../stack/open-stack.ts')
      const servers = await serverStatus()
      if (json) process.stdout.write(`${JSON.stringify(servers)}\n`)
      else
        for (const status of servers)
          process.stdout.write(`${status.server.padEnd(10)} ${describeStatus(status)}  ${status.log}\n`)
      if (servers.some(({ isRunning }) => !isRunning)) process.exitCode = EXIT.no
    })

  stack
    .command('down')
    .description('stop them; their data stays')
    .action(async () => {
      const { closeStack } = await import('../stack/open-stack.ts')
      await closeStack(terminalProgress())
    })
}

const describeStatus = (status: ServerStatus | ContainerStatus): string => {
  if ('state' in status) return `port ${status.port}, container ${status.state}`
  return status.isRunning ? `port ${status.port}, pid ${status.pid}` : 'does not run'
}
