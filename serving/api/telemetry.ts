/** One function an event: log line and metric together. */
import { type Log, messageOf } from '@velocast/runtime'
import type { AuditEntry, ModelActivated, ModelPromoted, ModelRejected } from '@velocast/schemas'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { SystemPredictor } from './predictor.ts'
import { createRequestCounter, type ForecastKind } from './request-figures.ts'
import type { ShadowFigures } from './shadow-scoring.ts'

export type Telemetry = ReturnType<typeof createTelemetry>

export const createTelemetry = (log: Log, registry: Registry) => {
  const registers = [registry]
  const counter = createRequestCounter()
  const forecasts = new Counter({
    name: 'velocast_api_forecasts_total',
    help: 'Predictions of one moment and forecasts hour by hour that were made.',
    labelNames: ['system', 'kind'],
    registers,
  })
  const swapSteps = new Histogram({
    name: 'velocast_api_model_swap_seconds',
    help: 'Time of each step from a promotion to its model: fetch, check, warm_up, swap, drain.',
    labelNames: ['system', 'step'],
    buckets: [0.0001, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  })
  const requests = new Histogram({
    name: 'velocast_api_request_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers,
  })
  const records = new Counter({
    name: 'velocast_api_records_total',
    help: 'Records taken into memory.',
    labelNames: ['topic'],
    registers,
  })
  const modelEvents = new Counter({
    name: 'velocast_api_model_events_total',
    help: 'Models activated and rejected, and attempts to fetch one that will be repeated.',
    labelNames: ['system', 'event', 'reason'],
    registers,
  })
  const refusals = new Counter({
    name: 'velocast_api_refusals_total',
    help: 'Requests turned away before their work: unauthenticated, forbidden, limited.',
    labelNames: ['reason'],
    registers,
  })
  const issuerTroubles = new Counter({
    name: 'velocast_api_issuer_troubles_total',
    help: "Times at which the keys of the tokens' issuer could not be had or used.",
    registers,
  })
  const certificateExpiry = new Gauge({
    name: 'velocast_api_certificate_expiry_seconds',
    help: 'When the certificate in use expires, seconds since 1970; 0 without one.',
    registers,
  })
  const adminActions = new Counter({
    name: 'velocast_api_admin_actions_total',
    help: 'What was done to the models over HTTP, or tried.',
    labelNames: ['action', 'outcome'],
    registers,
  })
  const modelInfo = new Gauge({
    name: 'velocast_api_model_info',
    help: '1 for the model that answers.',
    labelNames: ['system', 'name', 'version'],
    registers,
  })

  const shadowed = new Counter({
    name: 'velocast_api_shadow_questions_total',
    help: 'Questions that a model was asked beside the one in use, before it took over.',
    labelNames: ['system'],
    registers,
  })
  const shadowDifference = new Gauge({
    name: 'velocast_api_shadow_difference',
    help: 'Mean absolute difference of the last model that was tried to the one in use: bikes, probability.',
    labelNames: ['system', 'of'],
    registers,
  })
  const shadowSeconds = new Gauge({
    name: 'velocast_api_shadow_scoring_seconds',
    help: 'Mean time of a question in the last model that was tried (shadow), and in the one in use (used).',
    labelNames: ['system', 'model'],
    registers,
  })

  return {
    answered: (
      method: string,
      route: string,
      status: number,
      elapsedMs: number,
      isForecast = false,
    ): void => {
      requests.observe({ method, route, status }, elapsedMs / 1000)
      if (isForecast) counter.answered(status, elapsedMs)
    },

    forecastMade: (systemId: string, kind: ForecastKind): void => {
      forecasts.inc({ system: systemId, kind })
      counter.made(kind)
    },

    /** Since the start of this process. */
    figures: counter.figures,

    refused: (reason: string): void => refusals.inc({ reason }),

    audited: (entry: AuditEntry): void => {
      adminActions.inc({ action: entry.action, outcome: entry.outcome })
      log.info(entry, 'admin action')
    },

    issuerTrouble: (error: unknown): void => {
      issuerTroubles.inc()
      log.warn({ detail: messageOf(error) }, 'the keys of the issuer of tokens cannot be had or used')
    },

    certificateTaken: (expiresAt: number): void => {
      certificateExpiry.set(expiresAt / 1000)
      log.info({ expiresAt: new Date(expiresAt).toISOString() }, 'certificate taken')
    },

    certificateFailed: (error: unknown): void =>
      log.error({ err: error }, 'the certificate could not be taken anew; the old one goes on'),

    recordsApplied: (topic: string, count: number): void => records.inc({ topic }, count),

    modelActivated: (activated: ModelActivated): void => {
      const { systemId, modelName, modelVersion } = activated
      modelEvents.inc({ system: systemId, event: 'activated', reason: '' })
      modelInfo.remove({ system: systemId, name: modelName, version: activated.previousVersion ?? '' })
      modelInfo.set({ system: systemId, name: modelName, version: modelVersion }, 1)
      const { fetchMs, checkMs, warmUpMs, swapMs, drainMs } = activated
      const steps = { fetch: fetchMs, check: checkMs, warm_up: warmUpMs, swap: swapMs, drain: drainMs }
      for (const [step, ms] of Object.entries(steps)) swapSteps.observe({ system: systemId, step }, ms / 1000)
      log.info(activated, 'model activated')
    },

    modelRestored: ({ systemId, modelName, modelVersion }: ModelPromoted): void => {
      modelInfo.set({ system: systemId, name: modelName, version: modelVersion }, 1)
      log.info({ systemId, modelName, modelVersion }, 'model restored from disk')
    },

    modelShadowed: ({ systemId, modelVersion }: ModelPromoted, figures: ShadowFigures): void => {
      const { bikesDifference, probabilityDifference, usedMs, shadowMs } = figures
      shadowed.inc({ system: systemId }, figures.questions)
      for (const [of, value] of Object.entries({
        bikes: bikesDifference,
        probability: probabilityDifference,
      }))
        if (value !== null) shadowDifference.set({ system: systemId, of }, value)
      for (const [model, ms] of Object.entries({ used: usedMs, shadow: shadowMs }))
        if (ms !== null) shadowSeconds.set({ system: systemId, model }, ms / 1000)
      log.info({ systemId, modelVersion, ...figures }, 'model tried beside the one in use')
    },

    modelRejected: (rejected: ModelRejected): void => {
      modelEvents.inc({ system: rejected.systemId, event: 'rejected', reason: rejected.reason })
      log.error(rejected, 'model rejected; the one in use goes on answering')
    },

    modelRetried: ({ systemId, modelVersion }: ModelPromoted, detail: string, delayMs: number): void => {
      modelEvents.inc({ system: systemId, event: 'retried', reason: 'UNREACHABLE' })
      log.warn({ systemId, modelVersion, detail, delayMs }, 'model cannot be had; trying again')
    },

    snapshotRestored: (systemId: string, stations: number): void =>
      log.info({ systemId, stations }, 'knowledge restored from disk'),

    diskFailed: (what: string, error: unknown): void => log.error({ err: error }, `${what}: the disk failed`),

    watch: (systems: Iterable<SystemPredictor>, now: () => number, lag: () => number): void => {
      new Gauge({
        name: 'velocast_api_data_age_seconds',
        help: "Age of a system's newest features.",
        labelNames: ['system'],
        registers,
        collect() {
          for (const { knowledge } of systems) {
            const asOf = knowledge.vectors.newestAsOf()
            if (asOf !== null) this.set({ system: knowledge.system.systemId }, (now() - asOf) / 1000)
          }
        },
      })
      new Gauge({
        name: 'velocast_api_stations',
        help: 'Stations that can be forecast.',
        labelNames: ['system'],
        registers,
        collect() {
          for (const { knowledge } of systems)
            this.set({ system: knowledge.system.systemId }, knowledge.vectors.size())
        },
      })
      new Gauge({
        name: 'velocast_api_lag_records',
        help: 'Records of the followed topics that are not in memory yet.',
        registers,
        collect() {
          this.set(lag())
        },
      })
    },
  }
}
