/** Which processor core does what: a server has one to itself, and whoever asks it another. */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Before this process is moved: afterwards there is one for it. */
const cores = availableParallelism()

/** Everything of this process, and what it starts from now on. False where there is no way to say so. */
const moveTo = (core: number): boolean =>
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(process.pid)]).status === 0

/** Whether `start` has had a core to itself: a process takes over the one that it was started on. */
export const startOnOneCore = async <T>(
  start: () => Promise<T>,
): Promise<[started: T, isOnOneCore: boolean]> => {
  const isOnOneCore = cores > 1 && moveTo(1)
  try {
    return [await start(), isOnOneCore]
  } finally {
    if (isOnOneCore) moveTo(0)
  }
}
