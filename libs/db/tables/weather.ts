import { topics } from '@velocast/schemas'
import { defineTopicTable } from './topic-table.ts'

export const weatherObservations = defineTopicTable({
  topic: topics.weatherObservations,
  table: 'weather_observations',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'location_id', type: 'text' },
    { name: 'provider', type: 'text' },
    { name: 'observed_at', type: 'timestamptz' },
    { name: 'polled_at', type: 'timestamptz' },
    { name: 'temperature_c', type: 'real' },
    { name: 'feels_like_c', type: 'real' },
    { name: 'humidity_percent', type: 'real' },
    { name: 'wind_speed_mps', type: 'real' },
    { name: 'precipitation_mm', type: 'real' },
    { name: 'cloud_cover_percent', type: 'real' },
    { name: 'pressure_hpa', type: 'real' },
    { name: 'visibility_m', type: 'real' },
    { name: 'condition', type: 'text' },
  ],
  key: ['system_id', 'location_id', 'polled_at', 'observed_at'],
  rowsFrom: (weather) => [
    [
      weather.systemId,
      weather.locationId,
      weather.provider,
      weather.observedAt,
      weather.polledAt,
      weather.temperatureC,
      weather.feelsLikeC,
      weather.humidityPercent,
      weather.windSpeedMps,
      weather.precipitationMm,
      weather.cloudCoverPercent,
      weather.pressureHpa,
      weather.visibilityM,
      weather.condition,
    ],
  ],
})

export const weatherForecasts = defineTopicTable({
  topic: topics.weatherForecasts,
  table: 'weather_forecasts',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'location_id', type: 'text' },
    { name: 'provider', type: 'text' },
    { name: 'issued_at', type: 'timestamptz' },
    { name: 'polled_at', type: 'timestamptz' },
    { name: 'valid_at', type: 'timestamptz' },
    { name: 'temperature_c', type: 'real' },
    { name: 'humidity_percent', type: 'real' },
    { name: 'wind_speed_mps', type: 'real' },
    { name: 'precipitation_mm', type: 'real' },
  ],
  key: ['system_id', 'location_id', 'polled_at', 'issued_at', 'valid_at'],
  rowsFrom: (forecast) =>
    forecast.validAt.map((validAt, index) => [
      forecast.systemId,
      forecast.locationId,
      forecast.provider,
      forecast.issuedAt,
      forecast.polledAt,
      validAt,
      forecast.temperatureC[index] ?? Number.NaN,
      forecast.humidityPercent[index] ?? Number.NaN,
      forecast.windSpeedMps[index] ?? Number.NaN,
      forecast.precipitationMm[index] ?? Number.NaN,
    ]),
})
