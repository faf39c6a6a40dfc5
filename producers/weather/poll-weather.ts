import type { TopicRecord } from '@velocast/kafka'
import type { System, WeatherLocation } from '@velocast/runtime'
import { type FeedPoll, topics } from '@velocast/schemas'
import { collectOddities, type FoundOddity } from '../gbfs/collect-oddities.ts'
import type { RequestJson } from '../http/request-json.ts'
import type { Job, PollReport, Publish } from '../job.ts'
import { failedReport, openPoll, reportOf } from '../poll-report.ts'
import type { FeedReading } from '../read-feed.ts'
import type { Schedule } from '../schedule/schedule.ts'
import type { WeatherProvider } from './weather-provider.ts'

/** What is known of a system's weather after a poll. */
export interface WeatherCursor {
  /** When the newest poll began. */
  polledAt: number | null
  observed: Watermarks
  issued: Watermarks
}

/** The moments that what was published last is for. */
export interface Watermarks {
  /** Of every location that has none of its own. */
  all: number | null
  byLocation: ReadonlyMap<string, number>
}

/** The cursor as the newest polls of the provider's two feeds tell it. */
export const weatherCursorFrom = (
  observation: FeedPoll | null,
  forecast: FeedPoll | null,
): WeatherCursor => ({
  polledAt: observation?.polledAt ?? null,
  observed: { all: observation?.feedUpdatedAt ?? null, byLocation: new Map() },
  issued: { all: forecast?.feedUpdatedAt ?? null, byLocation: new Map() },
})

export interface WeatherPolling {
  system: Pick<System, 'systemId' | 'weatherLocations'>
  provider: WeatherProvider
  schedule: Schedule
  request: RequestJson
  publish: Publish
}

/** Polls the weather now, and the forecast as issued, at every location of one system. */
export const weatherPolling = ({
  system: { systemId, weatherLocations },
  provider,
  schedule,
  request,
  publish,
}: WeatherPolling): Job<WeatherCursor> => ({
  name: 'weather',
  isDue: ({ now, cursor }) => {
    const due = schedule.lastDue(now)
    return due !== null && (cursor.polledAt === null || due.dueAt > cursor.polledAt)
  },
  runOnce: async ({ now, cursor }) => {
    const { note, found } = collectOddities()
    const readings = await provider.read(request, weatherLocations, { polledAt: now, note })
    const source = (locationId: string) => ({ systemId, locationId, provider: provider.name, polledAt: now })
    const observation = decideWeather({
      poll: openPoll(systemId, provider.feeds.observation, now, 0),
      locations: weatherLocations,
      readings: readings.observations,
      updatedAtOf: ({ observedAt }) => observedAt,
      published: cursor.observed,
      // Both feeds may be one document: what is odd in it is counted once.
      oddities: found(),
      toRecord: (locationId, value) => ({
        topic: topics.weatherObservations,
        value: { ...source(locationId), ...value },
      }),
    })
    const forecast = decideWeather({
      poll: openPoll(systemId, provider.feeds.forecast, now, 0),
      locations: weatherLocations,
      readings: readings.forecasts,
      updatedAtOf: ({ issuedAt }) => issuedAt,
      published: cursor.issued,
      oddities: [],
      toRecord: (locationId, value) => ({
        topic: topics.weatherForecasts,
        value: { ...source(locationId), ...value },
      }),
    })
    const records = [...observation.records, ...forecast.records]
    const reports = [observation.report, forecast.report]
    await publish(
      records,
      reports.map(({ poll }) => poll),
    )
    return {
      published: records.length,
      skipped: observation.skipped + forecast.skipped,
      cursor: { polledAt: now, observed: observation.watermarks, issued: forecast.watermarks },
      reports,
    }
  },
})

interface WeatherPoll<T> {
  poll: FeedPoll
  locations: readonly WeatherLocation[]
  readings: readonly FeedReading<T>[]
  updatedAtOf: (value: T) => number
  published: Watermarks
  oddities: FoundOddity[]
  toRecord: (locationId: string, value: T) => TopicRecord
}

interface WeatherDecision {
  records: TopicRecord[]
  /** Locations with nothing new. */
  skipped: number
  report: PollReport
  watermarks: Watermarks
}

/** One record of the poll speaks for all locations: it has failed when none of them could be read. */
const decideWeather = <T>({
  poll,
  locations,
  readings,
  updatedAtOf,
  published,
  oddities,
  toRecord,
}: WeatherPoll<T>): WeatherDecision => {
  const records: TopicRecord[] = []
  const byLocation = new Map(published.byLocation)
  const failures: { locationId: string; failed: FeedReading<T> & { kind: 'failed' } }[] = []
  for (const [index, { locationId }] of locations.entries()) {
    const reading = readings[index]!
    if (reading.kind === 'failed') failures.push({ locationId, failed: reading })
    if (reading.kind !== 'read') continue
    const updatedAt = updatedAtOf(reading.reading)
    if (updatedAt <= (byLocation.get(locationId) ?? published.all ?? Number.NEGATIVE_INFINITY)) continue
    byLocation.set(locationId, updatedAt)
    records.push(toRecord(locationId, reading.reading))
  }
  const watermarks = { ...published, byLocation }
  const seen: FeedPoll = {
    ...poll,
    // In every poll, whatever came of it: a restart needs only the newest.
    feedUpdatedAt: oldestOf(locations, watermarks),
    latencyMs: Math.max(...readings.map(({ latencyMs }) => latencyMs)),
    published: records.length,
    oddities,
  }
  const skipped = locations.length - records.length - failures.length
  const [first] = failures
  if (first && failures.length === locations.length)
    return { records, skipped, report: failedReport(seen, first.failed.error), watermarks }
  const report = reportOf({
    ...seen,
    outcome: records.length > 0 ? 'PUBLISHED' : 'UNCHANGED',
    detail: first ? `${first.locationId}: ${first.failed.error.message}` : null,
  })
  return { records, skipped, report, watermarks }
}

/** A restart publishes again what some locations had newer than this: that is as if it were read twice. */
const oldestOf = (locations: readonly WeatherLocation[], { all, byLocation }: Watermarks): number | null => {
  const moments = locations.map(({ locationId }) => byLocation.get(locationId) ?? all)
  return moments.some((moment) => moment === null) ? null : Math.min(...(moments as number[]))
}
