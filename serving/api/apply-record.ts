import type { ReceivedRecord } from '@velocast/kafka'
import { traceparentHeader } from '@velocast/runtime'
import type {
  StationInformation,
  StationState,
  StationStatus,
  StationVector,
  WeatherForecast,
} from '@velocast/schemas'
import type { Knowledge } from './knowledge.ts'

/** Takes a record into what is known of its system. Records of systems that are not configured are passed over. */
export const applyRecord = (
  record: ReceivedRecord,
  knowledgeOf: (systemId: string) => Knowledge | undefined,
): void => {
  const knowledge = knowledgeOf(record.value.systemId)
  if (!knowledge) return
  switch (record.topic.name) {
    case 'station-features': {
      const features = record.value as StationVector
      knowledge.takeVector(features, features.names, record.headers[traceparentHeader])
      break
    }
    case 'station-information':
      knowledge.takeStation(record.value as StationInformation)
      break
    case 'station-status':
      knowledge.takeObservation(record.value as StationStatus)
      break
    case 'station-state':
      knowledge.takeState(record.value as StationState)
      break
    case 'weather-forecasts':
      knowledge.takeWeather(record.value as WeatherForecast)
      break
  }
}
