import type { Clock } from '@velocast/runtime'
import {
  answerForecast,
  answerForecasts,
  type ForecastOutcome,
  type ForecastQuestion,
} from './answer-forecast.ts'
import type { Knowledge } from './knowledge.ts'
import type { ServingModel } from './load-model.ts'
import type { ModelHolder } from './model-holder.ts'

/** One system with what is known of it and the model that answers for it. */
export interface SystemPredictor {
  readonly knowledge: Knowledge
  readonly holder: ModelHolder<ServingModel>
}

/** What the routes ask. It lives in memory alone: nothing here waits for a broker, a database or a registry. */
export interface Predictor {
  readonly systems: ReadonlyMap<string, SystemPredictor>
  readonly clock: Clock
  readonly forecast: (system: SystemPredictor, question: ForecastQuestion) => Promise<ForecastOutcome>
  /** Several questions by one model in one run; the outcomes run along the questions. */
  readonly forecastMany: (
    system: SystemPredictor,
    questions: readonly ForecastQuestion[],
  ) => Promise<ForecastOutcome[]>
  /** Knowledge older than this makes an answer degraded. */
  readonly staleAfterMs: number
  /** Why nothing can be forecast, or null when at least one system can be. */
  readonly notReady: () => string | null
}

export const createPredictor = (
  systems: ReadonlyMap<string, SystemPredictor>,
  clock: Clock,
  staleAfterMs: number,
): Predictor => ({
  systems,
  clock,
  forecast: ({ knowledge, holder }, question) =>
    answerForecast({ knowledge, holder, now: clock.now(), staleAfterMs }, question),
  forecastMany: ({ knowledge, holder }, questions) =>
    answerForecasts({ knowledge, holder, now: clock.now(), staleAfterMs }, questions),
  staleAfterMs,
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
