import type { Clock } from '@velocast/runtime'
import type { Job, RunResult } from './job.ts'

export interface DueRunner {
  /** Runs the job when it is due and not running. */
  wake: () => void
  /** Since when the present run goes on, epoch milliseconds; null between runs. */
  runningSince: () => number | null
  /** Resolves when the present run has ended. */
  idle: () => Promise<void>
}

/**
 * Keeps a job's cursor, and runs the job when it is due: one run at a time, and one run for whatever was missed. A run
 * that rejects is a bug, and is handed to `onFailure`.
 */
export const runWhenDue = <C>({
  job,
  cursor,
  clock,
  onResult,
  onFailure,
}: {
  job: Job<C>
  cursor: C
  clock: Clock
  onResult: (result: RunResult<C>) => void
  onFailure: (error: unknown) => void
}): DueRunner => {
  let known = cursor
  let startedAt: number | null = null
  let running: Promise<void> = Promise.resolve()

  const run = async (now: number): Promise<void> => {
    try {
      const result = await job.runOnce({ now, cursor: known })
      known = result.cursor
      onResult(result)
    } catch (error) {
      onFailure(error)
    } finally {
      startedAt = null
    }
  }
  return {
    wake: () => {
      const now = clock.now()
      if (startedAt !== null || !job.isDue({ now, cursor: known })) return
      startedAt = now
      running = run(now)
    },
    runningSince: () => startedAt,
    idle: () => running,
  }
}
