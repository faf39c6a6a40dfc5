import type { ServiceName } from './services.ts'
import { type ProcessOptions, type ServiceProcess, startProcess } from './start-process.ts'

export interface ProcessGroup {
  /** Starts a service and resolves once it says that it has started. */
  start: (name: ServiceName, env: Record<string, string>) => Promise<ServiceProcess>
  /** Rejects when a service ends though nobody asked it to. */
  failed: Promise<never>
  /** Stops all, the newest first, each in order. */
  stop: () => Promise<void>
}

/** Services that live and end together. */
export const createProcessGroup = ({ logFolder }: Pick<ProcessOptions, 'logFolder'>): ProcessGroup => {
  const processes: ServiceProcess[] = []
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  let isStopping = false

  return {
    failed: failure.promise,
    async start(name, env) {
      const service = startProcess({ name, env, logFolder })
      processes.push(service)
      void service.exited.then((code) => {
        if (isStopping) return
        const words = service.lastLines().join('\n')
        failure.reject(
          new Error(`${name} ended with exit code ${code}. Its log: ${service.logFile}\n${words}`),
        )
      })
      await service.said(({ msg }) => msg === 'started')
      return service
    },
    async stop() {
      isStopping = true
      await Promise.all(processes.reverse().map((service) => service.stop()))
    },
  }
}
