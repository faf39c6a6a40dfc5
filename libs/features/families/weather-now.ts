import type { FeatureFamily } from '../feature.ts'
import { minuteMs } from '../slots.ts'
import type { VectorInputs } from '../vector-inputs.ts'

const missingWhen = 'no weather was read in the 6 h before, or the provider left it out'

/** The weather as it was known at asOf, at the point that is nearest to the station. */
export const weatherNow: FeatureFamily<VectorInputs> = {
  features: [
    {
      name: 'temperature_c',
      unit: '°C',
      doc: 'Air temperature.',
      formula: 'temperatureC of the newest weather known at asOf',
      missingWhen,
      version: 1,
    },
    {
      name: 'feels_like_c',
      unit: '°C',
      doc: 'Apparent temperature.',
      formula: 'feelsLikeC of the newest weather known at asOf',
      missingWhen,
      version: 1,
    },
    {
      name: 'humidity_percent',
      unit: '%',
      doc: 'Relative humidity.',
      formula: 'humidityPercent of the newest weather known at asOf',
      missingWhen,
      version: 1,
    },
    {
      name: 'wind_mps',
      unit: 'm/s',
      doc: 'Wind speed.',
      formula: 'windSpeedMps of the newest weather known at asOf',
      missingWhen,
      version: 1,
    },
    {
      name: 'precipitation_mm',
      unit: 'mm',
      doc: 'Precipitation of the last hour.',
      formula: 'precipitationMm of the newest weather known at asOf',
      missingWhen,
      version: 1,
    },
    {
      name: 'cloud_cover_percent',
      unit: '%',
      doc: 'Cloud cover.',
      formula: 'cloudCoverPercent of the newest weather known at asOf',
      missingWhen,
      version: 1,
    },
    {
      name: 'pressure_hpa',
      unit: 'hPa',
      doc: 'Air pressure at sea level.',
      formula: 'pressureHpa of the newest weather known at asOf',
      missingWhen,
      version: 1,
    },
    {
      name: 'temperature_change_3h_c',
      unit: '°C',
      doc: 'By how much it has become warmer within 3h.',
      windowMs: 180 * minuteMs,
      formula: 'temperature_c - temperatureC of the newest weather known 3 h before asOf',
      missingWhen: 'either temperature is missing',
      version: 1,
    },
    {
      name: 'weather_age_min',
      unit: 'min',
      doc: 'Time since the weather was read.',
      formula: 'asOf - polledAt of the newest weather known at asOf',
      missingWhen: 'no weather was read in the 6 h before',
      version: 1,
    },
    {
      name: 'precipitation_3h_mm',
      unit: 'mm',
      doc: 'Precipitation of the last 3h.',
      windowMs: 180 * minuteMs,
      formula: 'precipitation_mm + precipitationMm of the newest weather known 1 h and 2 h before asOf',
      missingWhen: 'any of the three is missing',
      version: 1,
    },
  ],
  write: ({ weather, weatherOneHourAgo, weatherTwoHoursAgo, weatherThreeHoursAgo, asOf }, into, offset) => {
    if (!weather) {
      into.fill(Number.NaN, offset, offset + weatherNow.features.length)
      return
    }
    into[offset] = weather.temperatureC
    into[offset + 1] = weather.feelsLikeC
    into[offset + 2] = weather.humidityPercent
    into[offset + 3] = weather.windSpeedMps
    into[offset + 4] = weather.precipitationMm
    into[offset + 5] = weather.cloudCoverPercent
    into[offset + 6] = weather.pressureHpa
    into[offset + 7] = weatherThreeHoursAgo
      ? weather.temperatureC - weatherThreeHoursAgo.temperatureC
      : Number.NaN
    into[offset + 8] = (asOf - weather.polledAt) / minuteMs
    into[offset + 9] =
      weatherOneHourAgo && weatherTwoHoursAgo
        ? weather.precipitationMm + weatherOneHourAgo.precipitationMm + weatherTwoHoursAgo.precipitationMm
        : Number.NaN
  },
}
