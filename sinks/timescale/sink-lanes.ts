import type { SinkTable } from './sink-table.ts'
import { feedPolls } from './tables/feed-polls.ts'
import { forecastAccuracy } from './tables/forecast-accuracy.ts'
import { modelsActivated, modelsPromoted, modelsRejected } from './tables/model-events.ts'
import { alerts, dataQuality, jobRuns, trainingTriggers } from './tables/operations.ts'
import { stationFeatures } from './tables/station-features.ts'
import { stationForecasts } from './tables/station-forecasts.ts'
import { stationInformation } from './tables/station-information.ts'
import { stationStatus } from './tables/station-status.ts'
import { weatherForecasts, weatherObservations } from './tables/weather.ts'

export interface SinkLane {
  readonly name: string
  readonly tables: readonly SinkTable[]
}

/**
 * Tables that are written one after the other; lanes go side by side, each with its own consumer group. What grows with
 * stations and time has a lane of its own, so that a week of features to catch up with holds up nothing else; the
 * rest are a few records a minute together, and a consumer for each of them would only be ten more idle ones.
 */
export const sinkLanes: readonly SinkLane[] = [
  { name: 'station-status', tables: [stationStatus] },
  { name: 'station-features', tables: [stationFeatures] },
  { name: 'station-forecasts', tables: [stationForecasts] },
  { name: 'forecast-accuracy', tables: [forecastAccuracy] },
  {
    name: 'small-tables',
    tables: [
      stationInformation,
      feedPolls,
      weatherObservations,
      weatherForecasts,
      dataQuality,
      jobRuns,
      trainingTriggers,
      alerts,
      modelsPromoted,
      modelsActivated,
      modelsRejected,
    ],
  },
]

export const sinkTables: readonly SinkTable[] = sinkLanes.flatMap((lane) => lane.tables)
