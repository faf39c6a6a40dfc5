import type { Log } from '@velocast/runtime'
import type { DataQuality } from '@velocast/schemas'
import { Counter, Gauge, type Registry } from 'prom-client'

export interface FeatureCheckTelemetry {
  checked: (result: DataQuality, vectors: number) => void
  unavailable: (error: Error) => void
}

export const createTelemetry = ({ log, metrics }: { log: Log; metrics: Registry }): FeatureCheckTelemetry => {
  const difference = new Gauge({
    name: 'velocast_feature_parity_max_difference',
    help: 'The largest difference between a feature in the table and the same computed again, of the last check',
    labelNames: ['system'] as const,
    registers: [metrics],
  })
  const checkedAt = new Gauge({
    name: 'velocast_feature_parity_checked_at_seconds',
    help: 'Up to when vectors have been checked, seconds since 1970',
    labelNames: ['system'] as const,
    registers: [metrics],
  })
  const vectors = new Counter({
    name: 'velocast_feature_parity_vectors_total',
    help: 'Vectors that were computed again and compared',
    labelNames: ['system'] as const,
    registers: [metrics],
  })
  return {
    checked({ systemId, status, value, checkedAt: at, detail }, count) {
      difference.set({ system: systemId }, value ?? Number.NaN)
      checkedAt.set({ system: systemId }, at / 1000)
      vectors.inc({ system: systemId }, count)
      log[status === 'FAIL' ? 'error' : 'info']({ systemId, status, value, detail }, 'vectors checked')
    },
    unavailable: (error) => log.warn({ detail: error.message }, 'no check this time'),
  }
}
