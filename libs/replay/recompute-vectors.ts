import { type Outcome, type SystemHistory, vectorFeatureNames } from '@velocast/features'
import type { StationStatus, WeatherObservation } from '@velocast/schemas'

/** Told of each vector; the array is used again for the next one. */
export type OnVector = (stationId: string, asOf: number, polledAt: number, vector: Float32Array) => void

export interface Recomputation {
  applyWeather: (observation: WeatherObservation) => void
  observe: (status: StationStatus) => void
  /** How many observations within the window had which outcome. */
  outcomes: () => Record<Outcome, number>
}

/**
 * The vectors that follow from a system's observations, which are to be handed over in the order in which they became
 * known, from long enough before the window on. Those are passed on that became known from `fromMs` to before `toMs`.
 */
export const recomputeVectors = (
  history: SystemHistory,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  onVector: OnVector,
): Recomputation => {
  const vector = new Float32Array(vectorFeatureNames.length)
  const outcomes: Record<Outcome, number> = {
    vector: 0,
    late: 0,
    duplicate: 0,
    'too-late': 0,
    impossible: 0,
    reconstructed: 0,
  }
  return {
    applyWeather: history.applyWeather,
    observe(status) {
      const { stationId, observedAt, polledAt } = status
      const outcome = history.observe(status, vector)
      if (polledAt < fromMs || polledAt >= toMs) return
      outcomes[outcome] += 1
      if (outcome === 'vector') onVector(stationId, observedAt, polledAt, vector)
      else if (outcome === 'late')
        history.dependants(stationId, observedAt, (asOf, amended) =>
          onVector(stationId, asOf, polledAt, amended),
        )
    },
    outcomes: () => ({ ...outcomes }),
  }
}
