import type { Clock } from '@velocast/runtime'
import { answerForecast, type ForecastOutcome, type ForecastQuestion } from './answer-forecast.ts'
import type { Knowledge } from './knowledge.ts'
import type { ServingModel } from './load-model.ts'
import type { ModelHolder } from './model-holder.ts'
import type { ForecastKind } from './request-figures.ts'

/** One system with what is known of it and the model that answers for it. */
export interface SystemPredictor {
  readonly knowledge: Knowledge
  readonly holder: ModelHolder<ServingModel>
}

/** What the routes ask. It lives in memory alone: nothing here waits for a broker, a database or a registry. */
export interface Predictor {
  readonly systems: ReadonlyMap<string, SystemPredictor>
  readonly clock: Clock
  /** Knowledge older than this makes an answer degraded. */
  readonly staleAfterMs: number
  readonly forecast: (
    system: SystemPredictor,
    question: ForecastQuestion,
    kind?: ForecastKind,
  ) => Promise<ForecastOutcome>
  /** Why nothing can be forecast, or null when at least one system can be. */
  readonly notReady: () => string | null
}

/** Told of every forecast that is made. */
export type OnForecast = (systemId: string, kind: ForecastKind) => void

export const createPredictor = (
  systems: ReadonlyMap<string, SystemPredictor>,
  clock: Clock,
  staleAfterMs: number,
  onForecast: OnForecast = () => {},
): Predictor => ({
  systems,
  clock,
  staleAfterMs,
  forecast: async ({ knowledge, holder }, question, kind = 'forecast') => {
    const outcome = await answerForecast({ knowledge, holder, now: clock.now(), staleAfterMs }, question)
    if (outcome.ok) onForecast(knowledge.system.systemId, kind)
    return outcome
  },
  notReady: () => {
    const missing = [...systems].map(([systemId, { knowledge, holder }]) => {
      const gaps = [
        ...(holder.current() ? [] : ['no model']),
        ...(knowledge.vectors.size() > 0 ? [] : ['no features']),
      ]
      return gaps.length === 0 ? null : `${systemId}: ${gaps.join(', ')}`
    })
    return missing.includes(null) ? null : missing.join('; ') || 'no system is configured'
  },
})

/** The model that answers for a system; without one named, for the first that has any. Null when there is none. */
export const modelInUse = ({ systems }: Predictor, systemId?: string): ServingModel | null => {
  if (systemId !== undefined) return systems.get(systemId)?.holder.current() ?? null
  for (const { holder } of systems.values()) {
    const model = holder.current()
    if (model) return model
  }
  return null
}
