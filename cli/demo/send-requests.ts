import { setTimeout as wait } from 'node:timers/promises'

export interface RequestReport {
  sent: number
  failed: number
  /** Answers by the version of the model that made them. */
  byVersion: Record<string, number>
  firstFailure: string | null
}

const CONCURRENT = 8
const PAUSE_MS = 20

/** Asks for forecasts of stations, round and round, until told to stop; every request is finished and counted. */
export const sendRequests = (addresses: readonly string[]): { stop: () => Promise<RequestReport> } => {
  const report: RequestReport = { sent: 0, failed: 0, byVersion: {}, firstFailure: null }
  let isStopping = false
  let next = 0

  const sendOne = async (): Promise<void> => {
    const address = addresses[next++ % addresses.length]!
    report.sent += 1
    try {
      const response = await fetch(address)
      const body = (await response.json()) as { model?: { version: string }; detail?: string }
      if (!response.ok || !body.model)
        throw new Error(`${response.status}: ${body.detail ?? 'no forecast in the answer'}`)
      report.byVersion[body.model.version] = (report.byVersion[body.model.version] ?? 0) + 1
    } catch (error) {
      report.failed += 1
      report.firstFailure ??= (error as Error).message
    }
  }
  const senders = Array.from({ length: CONCURRENT }, async () => {
    while (!isStopping) {
      await sendOne()
      await wait(PAUSE_MS)
    }
  })
  return {
    async stop() {
      isStopping = true
      await Promise.all(senders)
      return report
    },
  }
}
