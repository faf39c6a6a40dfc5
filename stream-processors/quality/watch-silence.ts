/**
 * Raises `polls-stopped`. It is the one judgement here that needs a clock: a producer that is down leaves nothing in the
 * log that could be judged. Its moment follows from the polls all the same, so that whoever raises it, and however often,
 * it is one alert; the judge ends it with the next poll.
 */
import type { Clock } from '@velocast/runtime'
import type { Alert } from '@velocast/schemas'
import { pollsStopped } from './polls-stopped.ts'
import type { SystemJudge } from './system-judge.ts'

export interface SilenceWatch {
  /** Does it once: resolves with what was raised. */
  runOnce: () => Promise<Alert[]>
}

export const watchSilence = ({
  judges,
  isUpToDate,
  publish,
  clock,
}: {
  judges: () => readonly { systemId: string; judge: SystemJudge }[]
  /** Whether all polls in the log have been judged: before that, nothing can be said of what is missing. */
  isUpToDate: () => Promise<boolean>
  publish: (alerts: readonly Alert[]) => Promise<void>
  clock: Clock
}): SilenceWatch => ({
  async runOnce() {
    const due = (): Alert[] =>
      judges().flatMap(({ systemId, judge }) => {
        const missedAt = judge.rhythm().missedAt()
        if (missedAt === null || clock.now() < missedAt) return []
        const alert = pollsStopped(systemId, missedAt)
        return judge.hasAlert(alert) ? [] : [alert]
      })
    if (due().length === 0 || !(await isUpToDate())) return []
    const alerts = due()
    if (alerts.length > 0) await publish(alerts)
    return alerts
  },
})
