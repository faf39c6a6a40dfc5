import { resolvePorts } from './ports.ts'
import type { StackProgress } from './progress.ts'
import { stackStatus, startStack, stopStack } from './stack.ts'
import { stackEnvironment } from './stack-addresses.ts'
import { defaultHome } from './stack-home.ts'

const onProgress = ({ server, state, detail, seconds }: StackProgress) =>
  console.error(`${state === 'done' ? '✓' : '·'} ${server.padEnd(13)} ${detail}  ${seconds.toFixed(1)} s`)

const home = process.env.VELOCAST_STACK_HOME ?? defaultHome
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')))
process.once('SIGTERM', () => interrupt.abort(new Error('interrupted')))
const options = { home, onProgress, signal: interrupt.signal }

const commands: Readonly<Record<string, () => Promise<void>>> = {
  async up() {
    const addresses = await startStack({ ...options, ports: resolvePorts(process.env) })
    for (const [name, value] of Object.entries(stackEnvironment(addresses)))
      console.log(`export ${name}=${value}`)
  },
  async status() {
    const { servers } = await stackStatus({ home })
    for (const { server, isRunning, pid, port, log } of servers) {
      console.log(
        `${server.padEnd(9)} ${isRunning ? `runs on port ${port}, pid ${pid}` : 'does not run'}  ${log}`,
      )
    }
    if (servers.some(({ isRunning }) => !isRunning)) process.exitCode = 1
  },
  async down() {
    await stopStack(options)
  },
}

const command = commands[process.argv[2] ?? '']
if (command === undefined) {
  console.error('usage: main.ts up | status | down')
  process.exitCode = 2
} else {
  try {
    await command()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
