import { ageSeconds } from './data-age.ts'
import type { HealthDetailed, Backend as PresentedBackend } from './monitoring-schemas.ts'
import { modelInUse, type Predictor } from './predictor.ts'
import { isoTime } from './present-forecast.ts'
import { presentModel } from './present-legacy.ts'
import type { BackendState, Backends } from './watch-backends.ts'

export interface HealthSource {
  predictor: Predictor
  backends: Backends
  version: string
  /** Epoch milliseconds. */
  startedAt: number
}

/** The whole picture, from memory alone. */
export const presentHealth = ({ predictor, backends, version, startedAt }: HealthSource): HealthDetailed => {
  const now = predictor.clock.now()
  const model = modelInUse(predictor)
  const components: HealthDetailed['components'] = {
    api: { status: 'healthy', uptime_seconds: (now - startedAt) / 1000 },
    model: {
      status: model ? 'healthy' : 'unhealthy',
      loaded: model !== null,
      info: model && presentModel(model),
    },
    database: presentBackend(backends.stateOf('database')),
    mlflow: presentBackend(backends.stateOf('mlflow')),
    kafka: presentBackend(backends.stateOf('kafka')),
    schema_registry: presentBackend(backends.stateOf('schema_registry')),
    feature_freshness: presentFreshness(predictor, now),
  }
  return { status: overall(predictor, components), timestamp: isoTime(now), version, components }
}

export const databaseStatus = (backends: Backends): string => {
  const state = backends.stateOf('database')
  if (!state) return 'not_configured'
  if (state.isConnected === null) return 'unknown'
  return state.isConnected ? 'connected' : 'disconnected'
}

/** Something behind a predictor that is away takes nothing from its answers yet: it can only make them older. */
const overall = (predictor: Predictor, components: HealthDetailed['components']): string => {
  if (predictor.notReady() !== null) return 'unhealthy'
  const isImpaired = Object.values(components).some(
    ({ status }) => status === 'unhealthy' || status === 'degraded',
  )
  return isImpaired ? 'degraded' : 'healthy'
}

const presentBackend = (state: BackendState | null): PresentedBackend => ({
  status: statusOf(state),
  connected: state?.isConnected ?? false,
  checked_at: state?.checkedAt == null ? null : isoTime(state.checkedAt),
  detail: state?.detail ?? null,
})

const statusOf = (state: BackendState | null): string => {
  if (!state) return 'not_configured'
  if (state.isConnected === null) return 'unknown'
  return state.isConnected ? 'healthy' : 'unhealthy'
}

const presentFreshness = (
  { systems, staleAfterMs }: Predictor,
  now: number,
): HealthDetailed['components']['feature_freshness'] => {
  const ages = [...systems.values()].map(({ knowledge: { system, vectors } }) => {
    const asOf = vectors.newestAsOf()
    return { systemId: system.systemId, stations: vectors.size(), asOf }
  })
  const isStale = ({ asOf }: { asOf: number | null }): boolean => asOf === null || now - asOf > staleAfterMs
  return {
    status: ages.every(({ asOf }) => asOf === null)
      ? 'unhealthy'
      : ages.some(isStale)
        ? 'degraded'
        : 'healthy',
    systems: ages.map(({ systemId, stations, asOf }) => ({
      system_id: systemId,
      stations,
      as_of: asOf === null ? null : isoTime(asOf),
      data_age_seconds: asOf === null ? null : ageSeconds(asOf, now),
    })),
  }
}
