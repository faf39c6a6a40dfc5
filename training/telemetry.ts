import type { Clock, Log } from '@velocast/runtime'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { TrainingOutcome } from './store.ts'

export interface TrainingTelemetry {
  began: (systemId: string, triggerId: string) => void
  skipped: (systemId: string, triggerId: string, why: string) => void
  childStarted: (systemId: string, child: 'dataset' | 'trainer', pid: number) => void
  progress: (systemId: string, event: Record<string, unknown>) => void
  childSaid: (line: string) => void
  /** Something went wrong that nobody foresaw. */
  broke: (systemId: string, triggerId: string, error: unknown) => void
  ended: (
    systemId: string,
    triggerId: string,
    outcome: TrainingOutcome,
    detail: string,
    seconds: number,
  ) => void
}

export const createTelemetry = ({
  log,
  metrics,
  clock,
}: {
  log: Log
  metrics: Registry
  clock: Clock
}): TrainingTelemetry => {
  const trainings = new Counter({
    name: 'velocast_trainings_total',
    help: 'Triggers, by what became of them',
    labelNames: ['system', 'outcome'] as const,
    registers: [metrics],
  })
  const seconds = new Histogram({
    name: 'velocast_training_seconds',
    help: 'From taking a trigger up to its end',
    labelNames: ['system'] as const,
    buckets: [10, 30, 60, 120, 300, 600, 1_200, 2_400, 4_800],
    registers: [metrics],
  })
  const lastEnd = new Gauge({
    name: 'velocast_training_last_success_seconds',
    help: 'When a training of the system last ended well, seconds since 1970',
    labelNames: ['system'] as const,
    registers: [metrics],
  })
  return {
    began: (systemId, triggerId) => log.info({ systemId, triggerId }, 'training begins'),
    skipped(systemId, triggerId, why) {
      trainings.inc({ system: systemId, outcome: 'SKIPPED' })
      log.info({ systemId, triggerId, why }, 'trigger skipped')
    },
    childStarted: (systemId, child, pid) => log.info({ systemId, child, pid }, 'child started'),
    progress: (systemId, event) => log.debug({ systemId, ...event }, 'training goes on'),
    childSaid: (line) => log.debug({ line }, 'a child of the training said'),
    broke: (systemId, triggerId, error) => log.error({ systemId, triggerId, err: error }, 'training broke'),
    ended(systemId, triggerId, outcome, detail, took) {
      trainings.inc({ system: systemId, outcome })
      seconds.observe({ system: systemId }, took)
      if (outcome === 'FAILED')
        log.error({ systemId, triggerId, outcome, detail, seconds: took }, 'training failed')
      else if (outcome === 'COOL_DOWN') log.info({ systemId, triggerId, outcome, detail }, 'trigger skipped')
      else if (outcome === 'VETOED') log.warn({ systemId, triggerId, outcome, detail }, 'training vetoed')
      else {
        lastEnd.set({ system: systemId }, clock.now() / 1000)
        log.info({ systemId, triggerId, outcome, detail, seconds: took }, 'training ended')
      }
    },
  }
}
