import { topics } from '@velocast/schemas'
import { defineTopicTable } from './topic-table.ts'

export const stationForecasts = defineTopicTable({
  topic: topics.stationForecasts,
  table: 'station_forecasts',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'station_id', type: 'text' },
    { name: 'as_of', type: 'timestamptz' },
    { name: 'model_name', type: 'text' },
    { name: 'model_version', type: 'text' },
    { name: 'target_at', type: 'timestamptz[]' },
    { name: 'bikes_mean', type: 'real[]' },
    { name: 'bikes_q05', type: 'real[]' },
    { name: 'bikes_q50', type: 'real[]' },
    { name: 'bikes_q95', type: 'real[]' },
    { name: 'bike_probability', type: 'real[]' },
    { name: 'dock_probability', type: 'real[]' },
    { name: 'departures_mean', type: 'real[]' },
  ],
  key: ['system_id', 'station_id', 'as_of', 'model_name', 'model_version'],
  rowsFrom: (forecast) => [
    [
      forecast.systemId,
      forecast.stationId,
      forecast.asOf,
      forecast.modelName,
      forecast.modelVersion,
      forecast.targetAt,
      forecast.bikesMean,
      forecast.bikesQ05,
      forecast.bikesQ50,
      forecast.bikesQ95,
      forecast.bikeProbability,
      forecast.dockProbability,
      forecast.departuresMean,
    ],
  ],
})
