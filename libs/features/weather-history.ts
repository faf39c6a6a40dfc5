import type { WeatherObservation } from '@velocast/schemas'
import { dayMs, hourMs } from './slots.ts'

/**
 * The time between the reading of a weather record and its use. Records of two topics arrive in no fixed order; a
 * moment is given to those that are on their way, so that live, replay and back-fill see the same ones.
 */
export const defaultGuardMs = 120_000

/** Weather read longer ago than this is not the weather now. */
export const maxWeatherAgeMs = 6 * hourMs

/**
 * How long weather is kept. The topics keep 90 days, so whatever status can still be replayed is younger than this
 * beside the newest weather, even when all of the weather is read first. A record every 10 minutes is 13,000 objects.
 */
const keptMs = 92 * dayMs

export interface WeatherHistory {
  readonly apply: (observation: WeatherObservation) => void
  /** The newest that was known at a moment; null when there is none, or only one too old to say anything. */
  readonly knownAt: (asOf: number) => WeatherObservation | null
  /** Changes with every record that is taken in. */
  readonly revision: () => number
}

/** The weather of one system, as of when it was read. The order in which records are applied does not matter. */
export const createWeatherHistory = (guardMs: number): WeatherHistory => {
  const observations: WeatherObservation[] = []
  let revision = 0
  /** How many come before `isBefore` turns false. */
  const countWhile = (isBefore: (observation: WeatherObservation) => boolean): number => {
    let low = 0
    let high = observations.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBefore(observations[middle]!)) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    apply: (observation) => {
      const newest = observations.at(-1)
      if (newest && observation.polledAt < newest.polledAt - keptMs) return
      const position = countWhile((other) => compareObservations(other, observation) < 0)
      const next = observations[position]
      if (next && compareObservations(next, observation) === 0) return
      observations.splice(position, 0, observation)
      const firstKept = observations.at(-1)!.polledAt - keptMs
      const old = countWhile((other) => other.polledAt < firstKept)
      if (old > 0) observations.splice(0, old)
      revision++
    },
    knownAt: (asOf) => {
      const found = observations[countWhile((other) => other.polledAt <= asOf - guardMs) - 1]
      return found && asOf - found.polledAt <= maxWeatherAgeMs ? found : null
    },
    revision: () => revision,
  }
}

/** By the moment of reading; the rest only settles, always alike, which of two read at once is the newer. */
const compareObservations = (a: WeatherObservation, b: WeatherObservation): number =>
  a.polledAt - b.polledAt ||
  a.observedAt - b.observedAt ||
  compareText(a.locationId, b.locationId) ||
  compareText(a.provider, b.provider)

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
