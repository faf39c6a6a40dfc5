import type { Outcome } from '@velocast/features'
import type { RestoreReport } from '@velocast/kafka'
import type { Clock, Log } from '@velocast/runtime'
import type { StationStatus } from '@velocast/schemas'
import { Counter, Gauge, type Registry } from 'prom-client'
import { latenessBucket } from './lateness-bucket.ts'

export interface FeaturesTelemetry {
  observed: (status: StationStatus, outcome: Outcome) => void
  /** An observation that came after one of a later moment. */
  late: (systemId: string, latenessMs: number) => void
  unknownSystem: (systemId: string) => void
  /** The end of a batch: what was observed in it becomes visible. */
  batchHandled: () => void
  snapshotUnreadable: (key: string, detail: string) => void
  snapshotsRestored: (stations: number) => void
  stateRestored: (report: RestoreReport) => void
}

interface SystemTally {
  outcomes: Map<string, number>
  newestAsOf: number
  newestPolledAt: number
}

export const createTelemetry = ({
  log,
  metrics,
  clock,
}: {
  log: Log
  metrics: Registry
  clock: Clock
}): FeaturesTelemetry => {
  const registers = [metrics]
  const observations = new Counter({
    name: 'velocast_observations_total',
    help: 'Observations taken in, by what became of them',
    labelNames: ['system', 'outcome'] as const,
    registers,
  })
  const lateObservations = new Counter({
    name: 'velocast_late_observations_total',
    help: 'Observations that came after one of a later moment of their station, by how much later that was',
    labelNames: ['system', 'lateness'] as const,
    registers,
  })
  const newest = new Gauge({
    name: 'velocast_features_newest_as_of_seconds',
    help: 'The newest asOf for which a vector was computed, seconds since 1970',
    labelNames: ['system'] as const,
    registers,
  })
  const delay = new Gauge({
    name: 'velocast_features_delay_seconds',
    help: 'From the poll to its feature vectors, as of the last one',
    labelNames: ['system'] as const,
    registers,
  })
  const restore = new Gauge({
    name: 'velocast_features_restore_seconds',
    help: 'How long a partition took to be where it was: reading snapshots, then the log after them',
    labelNames: ['partition', 'phase'] as const,
    registers,
  })
  const ignored = new Set<string>()
  // A labelled metric costs more than a vector: observations are counted here, and told once a batch.
  const tallies = new Map<string, SystemTally>()

  const tallyOf = (systemId: string): SystemTally => {
    let tally = tallies.get(systemId)
    if (!tally) {
      tally = { outcomes: new Map(), newestAsOf: 0, newestPolledAt: 0 }
      tallies.set(systemId, tally)
    }
    return tally
  }
  const count = ({ outcomes }: SystemTally, outcome: string): void => {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }

  return {
    observed({ systemId, observedAt, polledAt }, outcome) {
      const tally = tallyOf(systemId)
      count(tally, outcome)
      if (outcome !== 'vector') return
      tally.newestAsOf = observedAt
      tally.newestPolledAt = polledAt
    },
    late: (systemId, latenessMs) =>
      lateObservations.inc({ system: systemId, lateness: latenessBucket(latenessMs) }),
    unknownSystem(systemId) {
      count(tallyOf(systemId), 'unknown-system')
      if (ignored.has(systemId)) return
      ignored.add(systemId)
      log.warn(
        { systemId },
        'observations of a system that is not in the systems file are passed over; add it, and replay',
      )
    },
    batchHandled() {
      for (const [system, { outcomes, newestAsOf, newestPolledAt }] of tallies) {
        for (const [outcome, observed] of outcomes) observations.inc({ system, outcome }, observed)
        if (newestAsOf === 0) continue
        newest.set({ system }, newestAsOf / 1000)
        delay.set({ system }, (clock.now() - newestPolledAt) / 1000)
      }
      tallies.clear()
    },
    snapshotUnreadable: (key, detail) =>
      log.warn({ key, detail }, 'snapshot passed over: the history is rebuilt from the log'),
    snapshotsRestored: (stations) => log.info({ stations }, 'histories restored from snapshots'),
    stateRestored({ partition, snapshotsMs, replayMs }) {
      restore.set({ partition, phase: 'snapshots' }, snapshotsMs / 1000)
      restore.set({ partition, phase: 'replay' }, replayMs / 1000)
    },
  }
}
