import { type TopicTable, topicTables } from '@velocast/db'

export interface SinkLane {
  readonly name: string
  readonly tables: readonly TopicTable[]
}

/**
 * Tables that are written one after the other; lanes go side by side, each with its own consumer group. What grows with
 * stations and time has a lane of its own, so that a week of features to catch up with holds up nothing else; the
 * rest are a few records a minute together, and a consumer for each of them would only be ten more idle ones.
 */
export const sinkLanes: readonly SinkLane[] = [
  { name: 'station-status', tables: [topicTables.stationStatus] },
  { name: 'station-features', tables: [topicTables.stationFeatures] },
  { name: 'station-flows', tables: [topicTables.stationFlows] },
  { name: 'station-forecasts', tables: [topicTables.stationForecasts] },
  { name: 'forecast-accuracy', tables: [topicTables.forecastAccuracy] },
  {
    name: 'small-tables',
    tables: [
      topicTables.stationInformation,
      topicTables.feedPolls,
      topicTables.weatherObservations,
      topicTables.weatherForecasts,
      topicTables.dataQuality,
      topicTables.jobRuns,
      topicTables.trainingTriggers,
      topicTables.alerts,
      topicTables.modelPromoted,
      topicTables.modelActivated,
      topicTables.modelRejected,
    ],
  },
]

export const sinkTables: readonly TopicTable[] = sinkLanes.flatMap((lane) => lane.tables)
