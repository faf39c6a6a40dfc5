import { type Clock, noTracer, type Tracer } from '@velocast/runtime'
import {
  answerForecast,
  answerForecasts,
  type ForecastOutcome,
  type ForecastQuestion,
} from './answer-forecast.ts'
import type { Knowledge } from './knowledge.ts'
import type { ServingModel } from './load-model.ts'
import type { ModelHolder } from './model-holder.ts'
import type { IncomingModel } from './model-life.ts'
import type { ForecastKind } from './request-figures.ts'
import type { ShadowScoring } from './shadow-scoring.ts'

/** One system with what is known of it and the model that answers for it. */
export interface SystemPredictor {
  readonly knowledge: Knowledge
  readonly holder: ModelHolder<ServingModel>
  /** Given what the model in use is given. */
  readonly shadow?: ShadowScoring
  /** The model that is to take over, and how far it has come. */
  readonly incoming?: () => IncomingModel | null
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
  /** Several questions by one model in one run; the outcomes run along the questions. */
  readonly forecastMany: (
    system: SystemPredictor,
    questions: readonly ForecastQuestion[],
    kind?: ForecastKind,
  ) => Promise<ForecastOutcome[]>
  /** Why nothing can be forecast, or null when at least one system can be. */
  readonly notReady: () => string | null
}

export interface PredictorObservers {
  /** Told of every forecast that is made. */
  onForecast?: (systemId: string, kind: ForecastKind) => void
  tracer?: Tracer
}

export const createPredictor = (
  systems: ReadonlyMap<string, SystemPredictor>,
  clock: Clock,
  staleAfterMs: number,
  { onForecast = () => {}, tracer = noTracer }: PredictorObservers = {},
): Predictor => ({
  systems,
  clock,
  staleAfterMs,
  forecast: async ({ knowledge, holder, shadow }, question, kind = 'forecast') => {
    const { systemId } = knowledge.system
    const { stationId } = question
    const span = {
      attributes: { 'velocast.system': systemId, 'velocast.station': stationId, 'velocast.kind': kind },
      links: [knowledge.vectors.traceOf(stationId)],
    }
    const outcome = await tracer.span('forecast', span, () =>
      answerForecast({ knowledge, holder, shadow, now: clock.now(), staleAfterMs }, question),
    )
    if (outcome.ok) onForecast(systemId, kind)
    return outcome
  },
  forecastMany: async ({ knowledge, holder, shadow }, questions, kind = 'forecast') => {
    const { systemId } = knowledge.system
    const span = {
      attributes: {
        'velocast.system': systemId,
        'velocast.stations': questions.length,
        'velocast.kind': kind,
      },
      links: questions.map(({ stationId }) => knowledge.vectors.traceOf(stationId)),
    }
    const outcomes = await tracer.span('forecasts', span, () =>
      answerForecasts({ knowledge, holder, shadow, now: clock.now(), staleAfterMs }, questions),
    )
    for (const outcome of outcomes) if (outcome.ok) onForecast(systemId, kind)
    return outcomes
  },
  notReady: () => {
    const missing = [...systems].map(([systemId, { knowledge, holder, incoming }]) => {
      const next = incoming?.()
      const noModel = next
        ? `no model (version ${next.promotion.modelVersion}: ${next.step.replace('_', ' ')})`
        : 'no model'
      const gaps = [
        ...(holder.current() ? [] : [noModel]),
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
