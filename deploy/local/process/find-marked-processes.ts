import { readdir, readFile } from 'node:fs/promises'
import { identifyProcess, type ProcessIdentity } from './process-identity.ts'

/** In the environment of every server: by it a process is known as a home's when its record is lost. */
export const homeVariable = 'VELOCAST_SERVER_OF_HOME'

/** Processes that carry a home's mark. Children that write their own title over their environment may be missing. */
export async function findMarkedProcesses(home: string): Promise<ProcessIdentity[]> {
  const mark = `${homeVariable}=${home}`
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(mark) ? identifyProcess(Number(pid)) : undefined
    }),
  )
  return marked.filter((identity) => identity !== undefined)
}
