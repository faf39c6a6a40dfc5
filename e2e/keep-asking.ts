import { setTimeout as wait } from 'node:timers/promises'
import { askForecast } from './ask-forecast.ts'
import type { City } from './start-city.ts'

export interface AskingReport {
  asked: number
  /** In the words of the first few that failed. */
  failures: string[]
  slowestMs: number
}

const PAUSE_MS = 50
const ANSWERS_WITHIN_MS = 2_000
const FAILURES_KEPT = 5

/** Asks for a forecast every 50 ms, whether or not the one before has been answered, until told to stop. */
export const keepAsking = (
  city: City,
  stationIds: readonly string[],
): { stop: () => Promise<AskingReport> } => {
  const report: AskingReport = { asked: 0, failures: [], slowestMs: 0 }
  const stopping = new AbortController()
  const pending = new Set<Promise<void>>()

  const askOnce = async (stationId: string): Promise<void> => {
    const startedAt = performance.now()
    try {
      await askForecast(city, stationId, ANSWERS_WITHIN_MS)
    } catch (error) {
      if (report.failures.length < FAILURES_KEPT)
        report.failures.push(`${new Date().toISOString()} ${(error as Error).message}`)
    }
    report.slowestMs = Math.max(report.slowestMs, performance.now() - startedAt)
  }
  const ask = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const answered = askOnce(stationIds[report.asked % stationIds.length]!)
      report.asked += 1
      pending.add(answered)
      void answered.finally(() => pending.delete(answered))
      await wait(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const asking = ask()
  return {
    async stop() {
      stopping.abort()
      await asking
      await Promise.all(pending)
      return report
    },
  }
}
