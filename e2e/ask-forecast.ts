import type { City } from './start-city.ts'

/** As far as tests look at it. */
export interface ForecastAnswer {
  as_of: string
  model: { version: string }
  forecasts: {
    target_at: string
    bikes: { mean: number; q05: number; q50: number; q95: number }
    bike_probability: number
    dock_probability: number
    departures: number
  }[]
}

/** The forecast of the next 24 hours over HTTP. Rejects with what the API said when that is not a forecast. */
export const askForecast = async (
  { apiAddress, system }: Pick<City, 'apiAddress' | 'system'>,
  stationId: string,
  withinMs = 5_000,
): Promise<ForecastAnswer> => {
  const address = `${apiAddress()}/v1/systems/${system.systemId}/stations/${encodeURIComponent(stationId)}/forecast?hours=24`
  const response = await fetch(address, { signal: AbortSignal.timeout(withinMs) })
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as ForecastAnswer
}
