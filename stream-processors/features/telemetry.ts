import type { Outcome } from '@velocast/features'
import type { Clock, Log } from '@velocast/runtime'
import type { StationStatus } from '@velocast/schemas'
import { Counter, Gauge, type Registry } from 'prom-client'

export interface FeaturesTelemetry {
  observed: (status: StationStatus, outcome: Outcome) => void
  unknownSystem: (systemId: string) => void
  snapshotUnreadable: (key: string, detail: string) => void
  restored: (stations: number) => void
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
  const observations = new Counter({
    name: 'velocast_observations_total',
    help: 'Observations taken in, by what became of them',
    labelNames: ['system', 'outcome'] as const,
    registers: [metrics],
  })
  const newest = new Gauge({
    name: 'velocast_features_newest_as_of_seconds',
    help: 'The newest asOf for which a vector was computed, seconds since 1970',
    labelNames: ['system'] as const,
    registers: [metrics],
  })
  const delay = new Gauge({
    name: 'velocast_features_delay_seconds',
    help: 'From the poll to its feature vectors, as of the last one',
    labelNames: ['system'] as const,
    registers: [metrics],
  })
  const ignored = new Set<string>()
  return {
    observed({ systemId, observedAt, polledAt }, outcome) {
      observations.inc({ system: systemId, outcome })
      if (outcome !== 'vector') return
      newest.set({ system: systemId }, observedAt / 1000)
      delay.set({ system: systemId }, (clock.now() - polledAt) / 1000)
    },
    unknownSystem(systemId) {
      observations.inc({ system: systemId, outcome: 'unknown-system' })
      if (ignored.has(systemId)) return
      ignored.add(systemId)
      log.warn(
        { systemId },
        'observations of a system that is not in the systems file are passed over; add it, and replay',
      )
    },
    snapshotUnreadable: (key, detail) =>
      log.warn({ key, detail }, 'snapshot passed over: the history is rebuilt from the log'),
    restored: (stations) => log.info({ stations }, 'histories restored from snapshots'),
  }
}
