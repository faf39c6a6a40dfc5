import type { KafkaClient } from '@velocast/kafka'
import type { System } from '@velocast/runtime'
import type { SystemCursors } from '../follow-system.ts'
import { STATUS_FEED, stationCursorFrom } from '../stations/station-cursor.ts'
import { weatherCursorFrom } from '../weather/poll-weather.ts'
import type { WeatherProvider } from '../weather/weather-provider.ts'
import { newestPolls, readPolls, readPublishedStations, readTriggeredDates } from './read-published.ts'

/** A feed that was last polled before is due anyway, and publishing it again does no harm. */
const LOOK_BACK_MS = 2 * 24 * 60 * 60_000

/** Where each system's jobs stand, as the log tells it. Waits for as long as the broker is away. */
export const readCursors = async (
  kafka: KafkaClient,
  systems: readonly { system: System; provider: WeatherProvider }[],
  now: number,
  signal: AbortSignal,
): Promise<(systemId: string) => SystemCursors> => {
  const systemIds = systems.map(({ system }) => system.systemId)
  const polls = newestPolls()
  const [stations, triggered] = await Promise.all([
    readPublishedStations(kafka, systemIds, signal),
    readTriggeredDates(kafka, systemIds, signal),
    readPolls(kafka, { systemIds, since: now - LOOK_BACK_MS, onPoll: polls.add }, signal),
  ])
  const cursors = new Map(
    systems.map(({ system: { systemId }, provider }) => [
      systemId,
      {
        stations: stationCursorFrom(stations.get(systemId) ?? new Map(), polls.of(systemId, STATUS_FEED)),
        weather: weatherCursorFrom(
          polls.of(systemId, provider.feeds.observation),
          polls.of(systemId, provider.feeds.forecast),
        ),
        training: { triggeredOn: triggered.get(systemId) ?? null, since: now },
      },
    ]),
  )
  return (systemId) => cursors.get(systemId)!
}
