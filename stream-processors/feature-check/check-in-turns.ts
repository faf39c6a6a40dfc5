import type { Database } from '@velocast/db'
import type { KafkaClient } from '@velocast/kafka'
import { type Comparison, compareVectors, keepPace, replaySystem } from '@velocast/replay'
import type { System } from '@velocast/runtime'

export interface CheckOptions {
  kafka: KafkaClient
  database: Database
  systems: readonly System[]
  windowMs: number
  delayMs: number
  observationsPerSecond: number
  /** Waits, for the pace. */
  wait: (ms: number) => Promise<unknown>
  signal: AbortSignal
}

export interface CheckedSystem {
  systemId: string
  /** The end of the window, epoch milliseconds. */
  checkedAt: number
  comparison: Comparison
}

/**
 * Makes what checks one system at a time, in turns: the vectors of a window that ended a while ago, computed again from the
 * log, beside the table's.
 */
export const checkInTurns = (options: CheckOptions): { runOnce: (now: number) => Promise<CheckedSystem> } => {
  const { kafka, database, systems, windowMs, delayMs, observationsPerSecond, wait, signal } = options
  let turn = 0
  return {
    async runOnce(now) {
      const system = systems[turn % systems.length]!
      turn += 1
      const { systemId } = system
      const toMs = now - delayMs
      const fromMs = toMs - windowMs
      const sink = compareVectors(database, { systemId, fromMs, toMs, connections: 1 })
      await replaySystem({
        kafka,
        database,
        system,
        fromMs,
        toMs,
        // The table may know more by now than was known then; the log is what the vectors were made of.
        source: 'log',
        sink,
        pace: keepPace({ perSecond: observationsPerSecond, now: () => performance.now(), wait }),
        signal,
      })
      return { systemId, checkedAt: toMs, comparison: sink.result() }
    },
  }
}
