import type { WeatherForecast } from '@velocast/schemas'

/** How long a weather forecast can be the newest one known as of a vector that is still served. */
export const weatherKeptMs = 48 * 3_600_000

export interface WeatherForecastTable {
  /** Takes a forecast in; the order does not matter, the same one again changes nothing. */
  readonly put: (forecast: WeatherForecast) => void
  /** By the moment they were read, ascending. */
  readonly all: () => readonly WeatherForecast[]
}

/** The weather forecasts of one system as they were issued, as far back as two days before the newest. */
export const createWeatherForecastTable = (): WeatherForecastTable => {
  let forecasts: WeatherForecast[] = []
  return {
    put: (forecast) => {
      let after = forecasts.length
      while (after > 0 && compare(forecasts[after - 1] as WeatherForecast, forecast) > 0) after--
      const before = forecasts[after - 1]
      if (before && compare(before, forecast) === 0) forecasts[after - 1] = forecast
      else forecasts.splice(after, 0, forecast)
      const since = (forecasts.at(-1) as WeatherForecast).polledAt - weatherKeptMs
      if ((forecasts[0] as WeatherForecast).polledAt < since)
        forecasts = forecasts.filter((each) => each.polledAt >= since)
    },
    all: () => forecasts,
  }
}

/** As in libs/features, two forecasts of the same moments, place and provider are one. */
const compare = (a: WeatherForecast, b: WeatherForecast): number =>
  a.polledAt - b.polledAt ||
  a.issuedAt - b.issuedAt ||
  Number(sourceOf(a) > sourceOf(b)) - Number(sourceOf(a) < sourceOf(b))

const sourceOf = (forecast: WeatherForecast): string => `${forecast.locationId}/${forecast.provider}`
