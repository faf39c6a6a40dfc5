import type { WeatherObservation } from '@velocast/schemas'

export interface WeatherShelf {
  add: (observation: WeatherObservation) => void
  /** What was read by the poll that began at this moment; once. */
  take: (polledAt: number) => readonly WeatherObservation[]
}

/** Weather whose poll never came is forgotten once so many other polls have. */
const ORPHANED_AFTER_POLLS = 500

/** Weather that waits for the record of its poll. */
export const createWeatherShelf = (): WeatherShelf => {
  const waiting = new Map<number, { observations: Map<string, WeatherObservation>; order: number }>()
  let polls = 0
  return {
    add(observation) {
      const poll = waiting.get(observation.polledAt) ?? { observations: new Map(), order: polls++ }
      waiting.set(observation.polledAt, poll)
      poll.observations.set(observation.locationId, observation)
    },
    take(polledAt) {
      const taken = waiting.get(polledAt)
      if (!taken) return []
      waiting.delete(polledAt)
      for (const [other, { order }] of waiting)
        if (order < taken.order - ORPHANED_AFTER_POLLS) waiting.delete(other)
      return [...taken.observations.values()]
    },
  }
}
