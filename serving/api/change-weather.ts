import type { WeatherForecast } from '@velocast/schemas'

/** Weather at one moment, as a client expects it; what is absent is left to the known forecast. */
export interface ExpectedWeather {
  temperatureC?: number | undefined
  humidityPercent?: number | undefined
  windSpeedMps?: number | undefined
  precipitationMm?: number | undefined
}

/** The forecast known at `asOf`, with the client's values at `targetAt` in place of its own. */
export const changeWeather = (
  known: WeatherForecast | null,
  expected: ExpectedWeather,
  asOf: number,
  targetAt: number,
): WeatherForecast => {
  const nearest = known ? nearestIndex(known.validAt, targetAt) : -1
  const at = (values: readonly number[] | undefined): number => values?.[nearest] ?? Number.NaN
  return {
    systemId: known?.systemId ?? '',
    locationId: known?.locationId ?? '',
    provider: 'client',
    issuedAt: known?.issuedAt ?? asOf,
    polledAt: known?.polledAt ?? asOf,
    validAt: [targetAt],
    temperatureC: [expected.temperatureC ?? at(known?.temperatureC)],
    humidityPercent: [expected.humidityPercent ?? at(known?.humidityPercent)],
    windSpeedMps: [expected.windSpeedMps ?? at(known?.windSpeedMps)],
    precipitationMm: [expected.precipitationMm ?? at(known?.precipitationMm)],
  }
}

const nearestIndex = (moments: readonly number[], at: number): number => {
  let nearest = 0
  for (const [index, moment] of moments.entries())
    if (Math.abs(moment - at) < Math.abs((moments[nearest] as number) - at)) nearest = index
  return nearest
}
