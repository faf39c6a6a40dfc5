import { readdir, readFile } from 'node:fs/promises'
import { identifyProcess, type ProcessIdentity } from './process-identity.ts'

/**
 * The environment variable that names the folder a process works for: a server's home, or an install that is under way.
 * Children inherit it. By it they are found when whoever started them was killed, or their record was deleted.
 */
export const folderMark = 'VELOCAST_WORKS_FOR_FOLDER'

/** Processes that work for a folder. Children that write their own title over their environment may be missing. */
export async function findProcessesOf(folder: string): Promise<ProcessIdentity[]> {
  const mark = `${folderMark}=${folder}`
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(mark) ? identifyProcess(Number(pid)) : undefined
    }),
  )
  return marked.filter((identity) => identity !== undefined)
}
