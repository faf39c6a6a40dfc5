import { readdir, readFile } from 'node:fs/promises'
import { identifyProcess, type ProcessIdentity } from './process-identity.ts'

/** In the environment of every process of a stack: by it a process is known when its record is lost. */
export const homeVariable = 'VELOCAST_STACK_HOME_OF_PROCESS'

/** Processes that a home started, except those of `known`: what is left when a home is deleted under running servers. */
export async function findStrays(home: string, known: ReadonlySet<number>): Promise<ProcessIdentity[]> {
  const mark = `${homeVariable}=${home}`
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry) && !known.has(Number(entry)))
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(mark) ? identifyProcess(Number(pid)) : undefined
    }),
  )
  return marked.filter((identity) => identity !== undefined)
}
