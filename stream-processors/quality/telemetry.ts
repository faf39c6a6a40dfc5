import type { Log } from '@velocast/runtime'
import type { Alert, DataQuality, QualityStatus } from '@velocast/schemas'
import { Counter, Gauge, type Registry } from 'prom-client'

export interface QualityTelemetry {
  /** A partition begins anew: of systems that are another processor's now, nothing is known here any more. */
  opened: () => void
  /** Verdicts, those of a replay too: the state after a restart is what it was. */
  judged: (results: readonly DataQuality[]) => void
  published: (results: readonly DataQuality[], alerts: readonly Alert[]) => void
  unknownSystem: (systemId: string) => void
}

const LEVELS: Record<QualityStatus, number> = { PASS: 0, WARN: 1, FAIL: 2 }

export const createTelemetry = ({ log, metrics }: { log: Log; metrics: Registry }): QualityTelemetry => {
  const status = new Gauge({
    name: 'velocast_quality_status',
    help: 'The newest verdict of each rule: 0 passes, 1 is a warning, 2 fails',
    labelNames: ['system', 'rule'] as const,
    registers: [metrics],
  })
  const results = new Counter({
    name: 'velocast_quality_results_total',
    help: 'Verdicts on the whole system',
    labelNames: ['system', 'rule', 'verdict'] as const,
    registers: [metrics],
  })
  const findings = new Counter({
    name: 'velocast_quality_findings_total',
    help: 'What was found of single stations, begun, lasting (daily) and ended',
    labelNames: ['system', 'rule', 'verdict'] as const,
    registers: [metrics],
  })
  const alerts = new Counter({
    name: 'velocast_quality_alerts_total',
    help: 'Alerts raised and resolved',
    labelNames: ['system', 'alert', 'event'] as const,
    registers: [metrics],
  })
  const ignored = new Set<string>()
  return {
    opened: () => status.reset(),
    judged(judged) {
      for (const { systemId, stationId, rule, status: verdict } of judged)
        if (stationId === null) status.set({ system: systemId, rule }, LEVELS[verdict])
    },
    published(published, raised) {
      for (const { systemId, stationId, rule, status: verdict } of published)
        (stationId === null ? results : findings).inc({ system: systemId, rule, verdict })
      for (const { systemId, alert, resolved, summary, raisedAt, resolvedAt, severity } of raised) {
        alerts.inc({ system: systemId, alert, event: resolved ? 'resolved' : 'raised' })
        if (resolved) log.info({ systemId, alert, raisedAt, resolvedAt }, 'alert resolved')
        else log.warn({ systemId, alert, raisedAt, severity, summary }, 'alert raised')
      }
    },
    unknownSystem(systemId) {
      if (ignored.has(systemId)) return
      ignored.add(systemId)
      log.warn({ systemId }, 'polls of a system that is not in the systems file are not judged')
    },
  }
}
