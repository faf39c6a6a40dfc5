import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  resolvePorts,
  type ServerStatus,
  type StackAddresses,
  type StackProgress,
  stackEnvironment,
  stackStatus,
  startStack,
  stopStack,
} from '@velocast/local-stack'
import { dataFolder } from '../folders.ts'
import { trainerPython } from '../setup/trainer-python.ts'
import type { Progress, Step } from '../terminal/progress.ts'
import { areContainers, requireWayToRun } from './are-containers.ts'
import { knownPassword } from './database-password.ts'
import { dockerAddresses, dockerStackStatus, startDockerStack, stopDockerStack } from './docker-stack.ts'
import type { ContainerStatus } from './read-containers.ts'

const stackHome = (): string => process.env.VELOCAST_STACK_HOME ?? join(dataFolder, 'stack')

export interface OpenedStack {
  /** By which services find the servers, and the trainer's Python. */
  env: Record<string, string>
  /** Whether any of the servers runs because of this call. */
  isStartedHere: boolean
}

/** Where the servers are, running or not; null when they have never been started. */
export const stackAddresses = async (): Promise<StackAddresses | null> => {
  if (await areContainers()) {
    const password = await knownPassword()
    return password ? dockerAddresses(resolvePorts(process.env), password) : null
  }
  const { addresses } = await stackStatus({ home: stackHome() })
  return addresses ?? null
}

/** Each of the servers, running or not. */
export const serverStatus = async (): Promise<readonly (ServerStatus | ContainerStatus)[]> => {
  if (await areContainers()) return dockerStackStatus(resolvePorts(process.env))
  if (!existsSync(stackHome())) await requireWayToRun()
  const { servers } = await stackStatus({ home: stackHome() })
  return servers
}

/** The servers, installed and running, and the trainer's Python. */
export const openStack = async (progress: Progress, signal: AbortSignal): Promise<OpenedStack> => {
  await requireWayToRun()
  const isInContainers = await areContainers()
  const servers = await serverStatus()
  const python = trainerPython(progress, signal)
  const addresses = progress.step('Servers: Kafka, TimescaleDB, schema registry, MLflow', (step) =>
    isInContainers
      ? startDockerStack({ ports: resolvePorts(process.env), say: step.say, signal })
      : startProcesses(step, signal),
  )
  const [pythonFile, stack] = await Promise.all([python, addresses])
  return {
    env: { ...stackEnvironment(stack), TRAINER_PYTHON: pythonFile },
    isStartedHere: servers.some(({ isRunning }) => !isRunning),
  }
}

const startProcesses = (step: Step, signal: AbortSignal): Promise<StackAddresses> => {
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
}

export const closeStack = async (progress: Progress): Promise<void> => {
  const isInContainers = await areContainers()
  if (!isInContainers && !existsSync(stackHome())) await requireWayToRun()
  await progress.step('Servers stopped', (step) =>
    isInContainers ? stopDockerStack(resolvePorts(process.env), step.say) : stopStack({ home: stackHome() }),
  )
}
