/** A small city as its producer would write it: polls of 15 minutes, each closed by its record, and weather. */
import type { TopicRecord } from '@velocast/kafka'
import { type FeedPoll, type StationStatus, topics, type WeatherObservation } from '@velocast/schemas'
import { seededRandom } from '@velocast/testkit'

export const POLL_MS = 15 * 60_000

export interface CityOptions {
  systemId?: string
  stations: number
  polls: number
  startAt: number
  seed?: number
  /** Changes what a poll is, and what its stations say. */
  change?: (poll: PollInMaking, index: number) => void
}

export interface PollInMaking {
  poll: FeedPoll
  statuses: StationStatus[]
  /** What the second record of a weather poll, that of the forecast, comes after; null where no weather was polled. */
  weatherPoll: FeedPoll | null
  weather: WeatherObservation | null
}

/** Poll by poll. Stations wander; every second poll brings weather. */
export function* generatePolls(options: CityOptions): Generator<PollInMaking> {
  const { systemId = 'city', stations, polls, startAt, seed = 1, change } = options
  const random = seededRandom(seed)
  const bikes = Array.from({ length: stations }, () => 10)
  for (let index = 0; index < polls; index += 1) {
    const polledAt = startAt + index * POLL_MS
    const statuses = bikes.map((before, station): StationStatus => {
      const now = Math.max(0, Math.min(20, before + Math.round((random() - 0.5) * 4)))
      bikes[station] = now
      return statusOf(systemId, station, polledAt, now)
    })
    const weather = index % 2 === 0 ? weatherOf(systemId, polledAt + 40, 12 + random()) : null
    const made: PollInMaking = {
      poll: pollOf(systemId, 'station_status', polledAt, stations),
      statuses,
      weatherPoll: weather && pollOf(systemId, 'sky/now', weather.polledAt, 1),
      weather,
    }
    change?.(made, index)
    if (made.poll.outcome === 'PUBLISHED') made.poll.published = made.statuses.length
    else made.statuses = []
    yield made
  }
}

/** The records in the order in which they are published. */
export const recordsOf = ({ poll, statuses, weather, weatherPoll }: PollInMaking): TopicRecord[] => [
  ...statuses.map((value) => ({ topic: topics.stationStatus, value })),
  { topic: topics.feedPolls, value: poll },
  ...(weather ? [{ topic: topics.weatherObservations, value: weather }] : []),
  ...(weatherPoll
    ? [
        { topic: topics.feedPolls, value: weatherPoll },
        { topic: topics.feedPolls, value: pollOf(poll.systemId, 'sky/ahead', weatherPoll.polledAt, 1) },
      ]
    : []),
]

const pollOf = (systemId: string, feed: string, polledAt: number, published: number): FeedPoll => ({
  systemId,
  feed,
  polledAt,
  feedUpdatedAt: polledAt - 30_000,
  outcome: 'PUBLISHED',
  stations: published,
  published,
  rejected: 0,
  missingStations: [],
  latencyMs: 80,
  detail: null,
  oddities: [],
  version: feed === 'station_status' ? '2.3' : null,
  fields: feed === 'station_status' ? ['num_bikes_available', 'num_ebikes_available', 'station_id'] : [],
})

const statusOf = (systemId: string, station: number, polledAt: number, bikes: number): StationStatus => ({
  systemId,
  stationId: `s${station}`,
  observedAt: polledAt - 30_000,
  polledAt,
  reportedAt: polledAt - 90_000,
  bikes,
  ebikes: null,
  docks: 20 - bikes,
  bikesDisabled: 0,
  docksDisabled: 0,
  isInstalled: true,
  isRenting: true,
  isReturning: true,
  capacity: 20,
  latitude: 47.3 + station / 1000,
  longitude: 8.5,
  origin: 'REPORTED',
})

const weatherOf = (systemId: string, polledAt: number, temperatureC: number): WeatherObservation => ({
  systemId,
  locationId: 'centre',
  provider: 'sky',
  observedAt: polledAt - 60_000,
  polledAt,
  temperatureC,
  feelsLikeC: temperatureC,
  humidityPercent: 70,
  windSpeedMps: 3,
  precipitationMm: 0,
  cloudCoverPercent: 50,
  pressureHpa: 1013,
  visibilityM: 10_000,
  condition: 'clouds',
})
