import type { TopicRecord } from '@velocast/kafka'
import type { System } from '@velocast/runtime'
import { type FeedPoll, topics } from '@velocast/schemas'
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
  /** The moments that what was published last is for. */
  observedAt: number | null
  issuedAt: number | null
}

/** The cursor as the newest polls of the provider's two feeds tell it. */
export const weatherCursorFrom = (
  observation: FeedPoll | null,
  forecast: FeedPoll | null,
): WeatherCursor => ({
  polledAt: observation?.polledAt ?? null,
  observedAt: observation?.feedUpdatedAt ?? null,
  issuedAt: forecast?.feedUpdatedAt ?? null,
})

/** The point in the system's area that is asked about; there may be more of them one day. */
const LOCATION_ID = 'centre'

export interface WeatherPolling {
  system: Pick<System, 'systemId' | 'latitude' | 'longitude'>
  provider: WeatherProvider
  schedule: Schedule
  request: RequestJson
  publish: Publish
}

/** Polls the weather now, and the forecast as issued, of one system. */
export const weatherPolling = ({
  system,
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
    const readings = await provider.read(request, system, now)
    const source = {
      systemId: system.systemId,
      locationId: LOCATION_ID,
      provider: provider.name,
      polledAt: now,
    }
    const observation = decide(
      openPoll(system.systemId, provider.feeds.observation, now, readings.observation.latencyMs),
      readings.observation,
      ({ observedAt }) => observedAt,
      cursor.observedAt,
      (value) => ({ topic: topics.weatherObservations, value: { ...source, ...value } }),
    )
    const forecast = decide(
      openPoll(system.systemId, provider.feeds.forecast, now, readings.forecast.latencyMs),
      readings.forecast,
      ({ issuedAt }) => issuedAt,
      cursor.issuedAt,
      (value) => ({ topic: topics.weatherForecasts, value: { ...source, ...value } }),
    )
    const records = [...observation.records, ...forecast.records]
    const reports = [observation.report, forecast.report]
    await publish(
      records,
      reports.map(({ poll }) => poll),
    )
    return {
      published: records.length,
      skipped: [observation, forecast].filter(({ report }) => report.poll.outcome === 'UNCHANGED').length,
      cursor: { polledAt: now, observedAt: observation.updatedAt, issuedAt: forecast.updatedAt },
      reports,
    }
  },
})

interface Decision {
  records: TopicRecord[]
  report: PollReport
  /** What the cursor remembers. */
  updatedAt: number | null
}

const decide = <T>(
  poll: FeedPoll,
  reading: FeedReading<T>,
  updatedAtOf: (value: T) => number,
  publishedAt: number | null,
  toRecord: (value: T) => TopicRecord,
): Decision => {
  // The watermark is in every poll, whatever came of it: a restart needs only the newest.
  const seen = { ...poll, feedUpdatedAt: publishedAt }
  if (reading.kind === 'failed')
    return { records: [], report: failedReport(seen, reading.error), updatedAt: publishedAt }
  const isNew =
    reading.kind === 'read' && (publishedAt === null || updatedAtOf(reading.reading) > publishedAt)
  if (!isNew)
    return { records: [], report: reportOf({ ...seen, outcome: 'UNCHANGED' }), updatedAt: publishedAt }
  const feedUpdatedAt = updatedAtOf(reading.reading)
  return {
    records: [toRecord(reading.reading)],
    report: reportOf({ ...seen, outcome: 'PUBLISHED', feedUpdatedAt, published: 1 }),
    updatedAt: feedUpdatedAt,
  }
}
