export {
  type BackfillOptions,
  type BackfillProgress,
  type BackfillResult,
  backfillPolls,
} from './backfill/backfill-polls.ts'
export {
  backfillStatus,
  type StatusBackfillOptions,
  type StatusBackfillProgress,
  type StatusBackfillResult,
} from './backfill/backfill-status.ts'
export {
  backfillTrips,
  type TripsBackfillOptions,
  type TripsBackfillProgress,
  type TripsBackfillResult,
} from './backfill/backfill-trips.ts'
export { perfectForecasts } from './backfill/perfect-forecasts.ts'
export {
  type RecordedStatuses,
  type RecordedStatusesOptions,
  recordedStatuses,
} from './backfill/recorded-statuses.ts'
export {
  type RecordedWeather,
  recordedWeather,
  type WeatherUnits,
} from './backfill/recorded-weather.ts'
export { producersConfig } from './config.ts'
export { FeedError, type FeedFailure } from './feed-error.ts'
export { checkFeed, type FeedCheck } from './gbfs/check-feed.ts'
export { decodeText } from './gbfs/decode-text.ts'
export { ODDITIES, type Oddity } from './gbfs/oddity.ts'
export { parseJson } from './gbfs/parse-json.ts'
export { readAutoDiscovery } from './gbfs/read-auto-discovery.ts'
export { updatedAtOf } from './gbfs/read-envelope.ts'
export { readStationInformation } from './gbfs/read-station-information.ts'
export { readStationStatus } from './gbfs/read-station-status.ts'
export { keyed, keyOfSystem } from './http/key-of-system.ts'
export { type HttpClient, type HttpClientOptions, openHttpClient } from './http/open-http-client.ts'
export { type Answer, MOST_BODY_BYTES, type RequestJson } from './http/request-json.ts'
export { publishThrough } from './log/publish-through.ts'
export { intervalSchedule } from './schedule/schedule.ts'
export { producersService } from './service.ts'
export { stationPolling } from './stations/poll-stations.ts'
export { stationCursorFrom } from './stations/station-cursor.ts'
export { readStationIds } from './trips/read-station-ids.ts'
export { surveyTrips, tripStatuses } from './trips/trip-statuses.ts'
export {
  backfillWeather,
  type WeatherBackfillOptions,
  type WeatherBackfillResult,
} from './weather/backfill-weather.ts'
