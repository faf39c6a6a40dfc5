import { join } from 'node:path'
import {
  installPythonEnvironment,
  resolvePorts,
  type StackProgress,
  stackEnvironment,
  stackStatus,
  startStack,
  stopStack,
} from '@velocast/local-stack'
import { checkoutFolder, dataFolder } from '../folders.ts'
import type { Progress } from '../terminal/progress.ts'

export const stackHome = (): string => process.env.VELOCAST_STACK_HOME ?? join(dataFolder, 'stack')

export interface OpenedStack {
  /** By which services find the servers, and the trainer's Python. */
  env: Record<string, string>
  /** Whether any of the servers runs because of this call. */
  isStartedHere: boolean
}

/** The servers, installed and running, and the trainer's Python. */
export const openStack = async (progress: Progress, signal: AbortSignal): Promise<OpenedStack> => {
  const { servers } = await stackStatus({ home: stackHome() })
  const isStartedHere = servers.some(({ isRunning }) => !isRunning)
  const python = progress.step('Python environment of the trainer', (step) =>
    installPythonEnvironment({
      name: 'trainer',
      requirementsFile: join(checkoutFolder, 'training', 'trainer', 'requirements.lock'),
      onProgress: ({ detail }: StackProgress) => step.say(detail),
      signal,
    }),
  )
  const addresses = progress.step('Servers: Kafka, TimescaleDB, schema registry, MLflow', (step) => {
    const latest = new Map<string, string>()
    return startStack({
      home: stackHome(),
      ports: resolvePorts(process.env),
      signal,
      onProgress({ server, state, detail }: StackProgress) {
        if (state === 'done') latest.delete(server)
        else latest.set(server, detail)
        step.say([...latest].map(([name, what]) => `${name}: ${what}`).join(', '))
      },
    })
  })
  const [pythonFolder, stack] = await Promise.all([python, addresses])
  return {
    env: { ...stackEnvironment(stack), TRAINER_PYTHON: join(pythonFolder, 'bin', 'python') },
    isStartedHere,
  }
}

export const closeStack = (progress: Progress): Promise<void> =>
  progress.step('Servers stopped', () => stopStack({ home: stackHome() }))
