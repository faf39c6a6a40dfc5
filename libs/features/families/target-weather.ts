import type { FeatureFamily } from '../feature.ts'
import { hourMs } from '../slots.ts'
import type { TargetInputs } from '../target-inputs.ts'
import { vectorFeatureNames } from '../vector-features.ts'

/** Providers give a value for every hour, or every three: further apart there is nothing to interpolate. */
const maxStepMs = 3 * hourMs

const temperatureNowIndex = vectorFeatureNames.indexOf('temperature_c')

const missingWhen = 'no forecast was known at asOf, or it does not reach the target'

/** The weather forecast for the target, as it was issued at or before asOf. */
export const targetWeather: FeatureFamily<TargetInputs> = {
  features: [
    {
      name: 'target_temperature_c',
      unit: '°C',
      doc: 'Air temperature forecast for the target.',
      formula: 'temperatureC, linear between the two moments around the target',
      missingWhen,
      version: 1,
    },
    {
      name: 'target_humidity_percent',
      unit: '%',
      doc: 'Relative humidity forecast for the target.',
      formula: 'humidityPercent, linear between the two moments around the target',
      missingWhen,
      version: 1,
    },
    {
      name: 'target_wind_mps',
      unit: 'm/s',
      doc: 'Wind speed forecast for the target.',
      formula: 'windSpeedMps, linear between the two moments around the target',
      missingWhen,
      version: 1,
    },
    {
      name: 'target_precipitation_mm',
      unit: 'mm',
      doc: 'Precipitation forecast for the hour around the target.',
      formula: 'precipitationMm of the first moment at or after the target',
      missingWhen,
      version: 1,
    },
    {
      name: 'target_temperature_change_c',
      unit: '°C',
      doc: 'By how much it will be warmer than now.',
      formula: 'target_temperature_c - temperature_c',
      missingWhen: 'either is missing',
      version: 1,
    },
    {
      name: 'forecast_lead_hours',
      unit: 'h',
      doc: 'How far ahead the weather forecast had to look.',
      formula: 'targetAt - issuedAt',
      missingWhen: 'no forecast was known at asOf',
      version: 1,
    },
  ],
  write: ({ vector, targetAt, forecast }, into, offset) => {
    into.fill(Number.NaN, offset, offset + targetWeather.features.length)
    if (!forecast) return
    into[offset + 5] = (targetAt - forecast.issuedAt) / hourMs
    const { validAt } = forecast
    const after = firstAtOrAfter(validAt, targetAt)
    if (after === validAt.length) return
    const before = validAt[after] === targetAt ? after : after - 1
    if (before < 0 || validAt[after]! - validAt[before]! > maxStepMs) return
    const part = before === after ? 0 : (targetAt - validAt[before]!) / (validAt[after]! - validAt[before]!)
    const between = (values: readonly number[]): number => {
      const from = values[before] ?? Number.NaN
      return part === 0 ? from : from + part * ((values[after] ?? Number.NaN) - from)
    }
    const temperature = between(forecast.temperatureC)
    into[offset] = temperature
    into[offset + 1] = between(forecast.humidityPercent)
    into[offset + 2] = between(forecast.windSpeedMps)
    into[offset + 3] = forecast.precipitationMm[after] ?? Number.NaN
    into[offset + 4] = temperature - vector[temperatureNowIndex]!
  },
}

const firstAtOrAfter = (moments: readonly number[], moment: number): number => {
  let low = 0
  let high = moments.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (moments[middle]! < moment) low = middle + 1
    else high = middle
  }
  return low
}
