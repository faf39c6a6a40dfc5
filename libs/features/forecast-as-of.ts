import type { WeatherForecast } from '@velocast/schemas'
import { defaultGuardMs } from './weather-history.ts'

/**
 * The weather forecast that was known at `asOf`: of those read no later than `guardMs` before it, the one read last; of
 * several read at once, the one issued last. Null when there is none. The list may be in any order. With a `locationId`,
 * from `weatherLocationOf`, only forecasts for that point count.
 */
export const forecastAsOf = (
  forecasts: readonly WeatherForecast[],
  asOf: number,
  guardMs: number = defaultGuardMs,
  locationId: string | null = null,
): WeatherForecast | null => {
  let best: WeatherForecast | null = null
  for (const forecast of forecasts) {
    if (forecast.polledAt > asOf - guardMs) continue
    if (locationId !== null && forecast.locationId !== locationId) continue
    if (!best || compareForecasts(forecast, best) > 0) best = forecast
  }
  return best
}

const compareForecasts = (a: WeatherForecast, b: WeatherForecast): number =>
  a.polledAt - b.polledAt || a.issuedAt - b.issuedAt || compareText(sourceOf(a), sourceOf(b))

const sourceOf = (forecast: WeatherForecast): string => `${forecast.locationId}/${forecast.provider}`

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
