/**
 * Before a model takes over it can be asked, for a while, a share of what the model in use is asked: the same stations, at
 * the same moments, from the same knowledge. Nobody waits for what it says, and nobody is answered with it; how far the two
 * are apart is told.
 */
import {
  type Bundle,
  type ForecastQuantity,
  forecastStations,
  type StationForecast,
  type StationToForecast,
} from '@velocast/inference'
import { messageOf } from '@velocast/runtime'

export interface ShadowFigures {
  /** Questions that both models have answered, and their moments. */
  questions: number
  moments: number
  /** Mean absolute differences between the two: of the mean, in bikes, and of both probabilities; null where none was asked for. */
  bikesDifference: number | null
  probabilityDifference: number | null
  /** Mean time of a question in the model in use, and in the new one, milliseconds. */
  usedMs: number | null
  shadowMs: number | null
}

export type ShadowOutcome = { figures: ShadowFigures; problem: string | null }

export interface ShadowScoring {
  /**
   * To be called as soon as the model in use has been given the question, before anything that it was made of may change.
   * Does nothing unless a model is being tried. Never throws.
   */
  readonly offer: (
    stations: readonly StationToForecast[],
    quantities: readonly ForecastQuantity[],
    used: Promise<readonly StationForecast[]>,
  ) => void
  /**
   * Tries a model until `lasting` resolves, or at once ends with what is wrong with it: it failed, or said no number where
   * the one in use said one. Rejects when `lasting` does.
   */
  readonly run: (bundle: Bundle, lasting: Promise<unknown>) => Promise<ShadowOutcome>
}

/** Of a question about many stations: building a station's rows takes the event loop's time. */
const STATIONS_A_QUESTION = 4

interface Trial {
  readonly bundle: Bundle
  readonly bikes: Mean
  readonly probability: Mean
  readonly usedMs: Mean
  readonly shadowMs: Mean
  readonly failed: PromiseWithResolvers<string>
  questions: number
  moments: number
  /** What has been offered since the last that was taken, in questions. */
  credit: number
  /** One question at a time: a new model that is slow is asked less often, and nothing piles up. */
  asking: Promise<void> | null
}

/** `share` of the questions is asked, evenly spread: 1 is each that comes while no other is being scored. */
export const createShadowScoring = (share: number, now = (): number => performance.now()): ShadowScoring => {
  let trial: Trial | null = null

  const ask = async (
    asked: Trial,
    stations: readonly StationToForecast[],
    quantities: readonly ForecastQuantity[],
    used: Promise<readonly StationForecast[]>,
  ): Promise<void> => {
    const beganAt = now()
    // In this order: the rows are written before the first wait.
    const shadow = forecastStations(asked.bundle, stations, quantities).then(
      (forecasts) => ({ forecasts, ms: now() - beganAt }),
      (error) => messageOf(error),
    )
    const served = await used.then(
      (forecasts) => ({ forecasts, ms: now() - beganAt }),
      () => null,
    )
    const said = await shadow
    if (typeof said === 'string') return asked.failed.resolve(said)
    // What the model in use could not answer says nothing about the new one.
    if (!served) return
    for (const [index, { targets }] of stations.entries()) {
      const problem = compare(
        asked,
        quantities,
        served.forecasts[index]!,
        said.forecasts[index]!,
        targets.length,
      )
      if (problem) return asked.failed.resolve(problem)
    }
    asked.questions++
    asked.usedMs.add(served.ms)
    asked.shadowMs.add(said.ms)
  }

  return {
    offer: (stations, quantities, used) => {
      if (!trial) return
      trial.credit = Math.min(trial.credit + share, 1)
      if (trial.credit < 1 || trial.asking) return
      trial.credit = 0
      const asked = trial
      asked.asking = ask(asked, stations.slice(0, STATIONS_A_QUESTION), quantities, used).finally(() => {
        asked.asking = null
      })
    },
    run: async (bundle, lasting) => {
      const current: Trial = {
        bundle,
        bikes: createMean(),
        probability: createMean(),
        usedMs: createMean(),
        shadowMs: createMean(),
        failed: Promise.withResolvers<string>(),
        questions: 0,
        moments: 0,
        credit: 1,
        asking: null,
      }
      trial = current
      try {
        let problem = await Promise.race([lasting.then(() => null), current.failed.promise])
        trial = null
        if (current.asking) {
          await current.asking
          problem ??= await Promise.race([current.failed.promise, null])
        }
        return { figures: figuresOf(current), problem }
      } finally {
        if (trial === current) trial = null
      }
    },
  }
}

/** What is wrong with what the new model says, or null. */
const compare = (
  trial: Trial,
  quantities: readonly ForecastQuantity[],
  used: StationForecast,
  shadow: StationForecast,
  moments: number,
): string | null => {
  trial.moments += moments
  for (const quantity of quantities)
    for (let moment = 0; moment < moments; moment++) {
      const expected = used[quantity][moment]!
      const said = shadow[quantity][moment]!
      if (!Number.isFinite(expected)) continue
      if (!Number.isFinite(said))
        return `"${quantity}" of a live question is ${said}, the model in use says ${expected}`
      if (quantity === 'bikes_mean') trial.bikes.add(Math.abs(said - expected))
      if (quantity === 'p_bike' || quantity === 'p_dock') trial.probability.add(Math.abs(said - expected))
    }
  return null
}

const figuresOf = (trial: Trial): ShadowFigures => ({
  questions: trial.questions,
  moments: trial.moments,
  bikesDifference: trial.bikes.value(),
  probabilityDifference: trial.probability.value(),
  usedMs: trial.usedMs.value(),
  shadowMs: trial.shadowMs.value(),
})

interface Mean {
  readonly add: (value: number) => void
  readonly value: () => number | null
}

const createMean = (): Mean => {
  let count = 0
  let sum = 0
  return {
    add: (value) => {
      count++
      sum += value
    },
    value: () => (count === 0 ? null : sum / count),
  }
}
