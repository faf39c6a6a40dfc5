import { join } from 'node:path'
import {
  installPythonEnvironment,
  resolvePorts,
  type StackProgress,
  stackEnvironment,
  startStack,
} from '@velocast/local-stack'
import { checkoutFolder, dataFolder } from '../folders.ts'
import type { Progress } from '../terminal/progress.ts'

export const stackHome = (): string => process.env.VELOCAST_STACK_HOME ?? join(dataFolder, 'stack')

/** The servers, installed and running, and the trainer's Python; resolves with the variables by which services find them. */
export const openStack = async (progress: Progress, signal: AbortSignal): Promise<Record<string, string>> => {
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
  return { ...stackEnvironment(stack), TRAINER_PYTHON: join(pythonFolder, 'bin', 'python') }
}
