import type { WeatherForecast, WeatherObservation } from '@velocast/schemas'

const HOUR_MS = 3_600_000

/**
 * The same forecasts, issued at the same moments for the same hours, as if they had been right: each hour says what was observed
 * then, or NaN where nothing was. No one could have known it, so this is only for measuring what forecasts are worth.
 */
export const perfectForecasts = (
  observations: readonly WeatherObservation[],
  forecasts: readonly WeatherForecast[],
): WeatherForecast[] => {
  const observedIn = new Map(observations.map((each) => [hourOf(each.observedAt), each]))
  return forecasts.map((forecast) => {
    const seen = forecast.validAt.map((validAt) => observedIn.get(hourOf(validAt)))
    const saying = (quantity: (typeof QUANTITIES)[number]): number[] =>
      seen.map((observation) => observation?.[quantity] ?? Number.NaN)
    return { ...forecast, ...Object.fromEntries(QUANTITIES.map((name) => [name, saying(name)])) }
  })
}

const QUANTITIES = ['temperatureC', 'humidityPercent', 'windSpeedMps', 'precipitationMm'] as const
const hourOf = (moment: number): number => Math.round(moment / HOUR_MS)
