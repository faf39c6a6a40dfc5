import type { ForecastAnswer } from '../terminal/present-forecast.ts'
import { getJson } from './get-json.ts'

/** Of these forecasts, the one whose expected bikes change most: the one that is worth looking at. */
export const mostEventful = async (addresses: readonly string[]): Promise<ForecastAnswer> => {
  const forecasts = (await Promise.all(addresses.map(getJson))) as ForecastAnswer[]
  const swing = ({ forecasts: points }: ForecastAnswer): number => {
    const means = points.map(({ bikes }) => bikes.mean)
    return Math.max(...means) - Math.min(...means)
  }
  return forecasts.reduce((best, each) => (swing(each) > swing(best) ? each : best))
}
