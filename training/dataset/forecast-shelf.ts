import { defaultGuardMs, forecastAsOf } from '@velocast/features'
import type { WeatherForecast } from '@velocast/schemas'

/** Serving, too, keeps forecasts for so long. */
const keptMs = 48 * 3_600_000

/** The weather forecasts for one point, taken in as they were read. */
export interface ForecastShelf {
  /** Must not be read earlier than those before. */
  readonly add: (forecast: WeatherForecast) => void
  /** As `forecastAsOf` of all of them; asked for the same moment again, it remembers. */
  readonly knownAt: (asOf: number) => WeatherForecast | null
}

export const createForecastShelf = (): ForecastShelf => {
  let forecasts: WeatherForecast[] = []
  let asked: { asOf: number; found: WeatherForecast | null } | null = null

  const countReadBy = (moment: number): number => {
    let low = 0
    let high = forecasts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (forecasts[middle]!.polledAt <= moment) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    add: (forecast) => {
      asked = null
      forecasts.push(forecast)
      const since = forecast.polledAt - keptMs
      // Half of the list at a time, so that a forecast costs the same however many are kept.
      if (forecasts[forecasts.length >>> 1]!.polledAt < since)
        forecasts = forecasts.filter((each) => each.polledAt >= since)
    },
    knownAt: (asOf) => {
      if (asked?.asOf === asOf) return asked.found
      const end = countReadBy(asOf - defaultGuardMs)
      const newest = forecasts[end - 1]
      // Only what was read last can be the answer; which of several that is, the library says.
      const found = newest ? forecastAsOf(forecasts.slice(countReadBy(newest.polledAt - 1), end), asOf) : null
      asked = { asOf, found }
      return found
    },
  }
}
