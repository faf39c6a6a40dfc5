import type { WeatherObservation } from '@velocast/schemas'
import { hourMs } from './slots.ts'
import type { VectorInputs } from './vector-inputs.ts'
import { createWeatherHistory } from './weather-history.ts'
import { nearestLocation, type WeatherLocation } from './weather-locations.ts'

type WeatherInputs = Pick<
  VectorInputs,
  'weather' | 'weatherOneHourAgo' | 'weatherTwoHoursAgo' | 'weatherThreeHoursAgo'
>

export interface WeatherLookup {
  /** Takes in the weather of any location; what is for none of them is left out. Order and repetition do not matter. */
  readonly apply: (observation: WeatherObservation) => void
  /** The number of the location whose weather a station has. */
  readonly locationOf: (latitude: number, longitude: number) => number
  /** What was known at `asOf`, and hours before; asked again for the next station, it costs next to nothing. */
  readonly lookUp: (location: number, asOf: number, into: WeatherInputs) => void
}

/** The weather of one system. With less than two locations, all weather is taken to be for one point. */
export const createWeatherLookup = (
  locations: readonly WeatherLocation[],
  guardMs: number,
): WeatherLookup => {
  const isOnePoint = locations.length < 2
  const places = (isOnePoint ? [null] : locations).map(() => {
    const known: WeatherInputs = {
      weather: null,
      weatherOneHourAgo: null,
      weatherTwoHoursAgo: null,
      weatherThreeHoursAgo: null,
    }
    return { history: createWeatherHistory(guardMs), asOf: Number.NaN, revision: -1, known }
  })
  return {
    apply: (observation) => {
      const number = isOnePoint
        ? 0
        : locations.findIndex(({ locationId }) => locationId === observation.locationId)
      places[number]?.history.apply(observation)
    },
    // As a vector holds them, so that whoever has only the vector finds the same point.
    locationOf: (latitude, longitude) =>
      isOnePoint ? 0 : nearestLocation(locations, Math.fround(latitude), Math.fround(longitude)),
    lookUp: (location, asOf, into) => {
      const place = places[location]!
      const { history, known } = place
      if (asOf !== place.asOf || history.revision() !== place.revision) {
        place.asOf = asOf
        place.revision = history.revision()
        known.weather = history.knownAt(asOf)
        known.weatherOneHourAgo = history.knownAt(asOf - hourMs)
        known.weatherTwoHoursAgo = history.knownAt(asOf - 2 * hourMs)
        known.weatherThreeHoursAgo = history.knownAt(asOf - 3 * hourMs)
      }
      into.weather = known.weather
      into.weatherOneHourAgo = known.weatherOneHourAgo
      into.weatherTwoHoursAgo = known.weatherTwoHoursAgo
      into.weatherThreeHoursAgo = known.weatherThreeHoursAgo
    },
  }
}
