import { setTimeout as wait } from 'node:timers/promises'
import type { ServiceName } from './services.ts'
import { type ServiceProcess, startProcess } from './start-process.ts'

export interface KeepRunningOptions {
  names: readonly ServiceName[]
  env: Record<string, string>
  logFolder: string
  signal: AbortSignal
  say: (line: string) => void
}

const WRONG_CONFIGURATION = 2
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
const SETTLED_AFTER_MS = 60_000

/**
 * Keeps services running until `signal` aborts, and then stops them: one that ends is started again, after a wait that
 * doubles while it goes on ending. Throws when one says that its configuration is wrong: starting it again mends nothing.
 */
export const keepRunning = async (options: KeepRunningOptions): Promise<void> => {
  const running = new Map<ServiceName, ServiceProcess>()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})

  const keep = async (name: ServiceName): Promise<void> => {
    let waitMs = FIRST_WAIT_MS
    while (!options.signal.aborted) {
      const startedAt = performance.now()
      const service = startProcess({ name, env: options.env, logFolder: options.logFolder })
      running.set(name, service)
      service
        .said(({ msg }) => msg === 'started')
        .then(
          () => options.say(`✓ ${name} runs, its log: ${service.logFile}`),
          () => {},
        )
      const code = await service.exited
      running.delete(name)
      if (options.signal.aborted) return
      if (code === WRONG_CONFIGURATION) return failure.reject(new Error(service.lastLines().join('\n')))
      waitMs =
        performance.now() - startedAt > SETTLED_AFTER_MS
          ? FIRST_WAIT_MS
          : Math.min(waitMs * 2, LONGEST_WAIT_MS)
      options.say(
        `✗ ${name} ended with exit code ${code}; it is started again in ${waitMs / 1000} s. Its log: ${service.logFile}`,
      )
      await wait(waitMs, undefined, { signal: options.signal }).catch(() => {})
    }
  }

  const stopped = new Promise<void>((resolve) => {
    if (options.signal.aborted) resolve()
    options.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const all = Promise.all(options.names.map(keep))
  try {
    await Promise.race([stopped, failure.promise])
  } finally {
    await Promise.all([...running.values()].map((service) => service.stop()))
  }
  await all
}
