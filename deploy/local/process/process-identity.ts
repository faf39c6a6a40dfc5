import { readFile } from 'node:fs/promises'

/**
 * Names one process for ever: a pid alone is given to another process sooner or later, and counts anew after a reboot.
 */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks from boot to the process's start; kept through `exec`. */
  readonly startTicks: number
  readonly bootId: string
}

/** Undefined when there is no such process, or only its unreaped remains. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ])
    // The second field is the program's name in brackets and may hold blanks and brackets itself: count behind the last.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, startTicks] = [fields[0], Number(fields[19])]
    if (state === 'Z' || state === 'X') return undefined
    return { pid, startTicks, bootId: bootId.trim() }
  } catch {
    return undefined
  }
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid)
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId
}
