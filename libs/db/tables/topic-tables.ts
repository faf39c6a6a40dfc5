import { feedPolls } from './feed-polls.ts'
import { forecastAccuracy } from './forecast-accuracy.ts'
import { modelsActivated, modelsPromoted, modelsRejected } from './model-events.ts'
import { alerts, dataQuality, jobRuns, trainingTriggers } from './operations.ts'
import { stationFeatures } from './station-features.ts'
import { stationFlows } from './station-flows.ts'
import { stationForecasts } from './station-forecasts.ts'
import { stationInformation } from './station-information.ts'
import { stationStatus } from './station-status.ts'
import { weatherForecasts, weatherObservations } from './weather.ts'

/** The table of every topic that has one, by the topic's name in the catalogue. */
export const topicTables = {
  stationInformation,
  stationStatus,
  feedPolls,
  weatherObservations,
  weatherForecasts,
  stationFeatures,
  stationFlows,
  stationForecasts,
  forecastAccuracy,
  dataQuality,
  jobRuns,
  alerts,
  trainingTriggers,
  modelPromoted: modelsPromoted,
  modelActivated: modelsActivated,
  modelRejected: modelsRejected,
} as const
