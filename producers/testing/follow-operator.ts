/** An operator without a network, and a job that follows it, for the tests of what a poll decides. */
import type { TopicRecord } from '@velocast/kafka'
import type { FeedPoll, StationInformation, StationStatus } from '@velocast/schemas'
import { FeedError } from '../feed-error.ts'
import type { Answer, RequestJson, RequestOptions } from '../http/request-json.ts'
import { intervalSchedule } from '../schedule/schedule.ts'
import { stationPolling } from '../stations/poll-stations.ts'
import { type StationCursor, stationCursorFrom } from '../stations/station-cursor.ts'

export const MINUTE_MS = 60_000
export const start = Date.UTC(2026, 2, 2, 8)
const FEEDS = ['station_status', 'station_information', 'vehicle_types']

/** An operator whose documents a test changes, and who counts what it is asked for. */
export const fakeOperator = () => {
  const documents: Record<string, unknown> = {
    gbfs: { data: { feeds: FEEDS.map((name) => ({ name, url: `https://bikes.example/${name}` })) } },
    vehicle_types: { data: { vehicle_types: [] } },
  }
  const headers: { freshForMs?: number; lastModified?: string } = {}
  const asked: { name: string; options: RequestOptions }[] = []
  const say = {
    information: (...stations: object[]) => {
      documents.station_information = { last_updated: 1_700_000_000, data: { stations } }
    },
    status: (updatedAt: number, ...stations: object[]) => {
      documents.station_status = { last_updated: updatedAt / 1000, data: { stations } }
    },
    /** For how long the documents are good, in seconds, by their own word and by that of HTTP. */
    ttl: (seconds: number) => {
      for (const name of ['station_status', 'station_information'])
        documents[name] = { ...(documents[name] as object), ttl: seconds }
    },
    headers,
    failure: (name: string, error = new FeedError('refused', `${name} answers 503`)) => {
      documents[name] = error
    },
    notModified: (name: string) => {
      documents[name] = 'not modified'
    },
  }
  const request: RequestJson = async (address, options): Promise<Answer> => {
    const name = address.split('/').at(-1)!
    asked.push({ name, options })
    const document = documents[name]
    if (document instanceof Error) throw document
    if (document === 'not modified') return { kind: 'unchanged', ...headers, latencyMs: 1 }
    return { kind: 'document', document, etag: `"${name}"`, ...headers, latencyMs: 2 }
  }
  const timesAsked = (name: string) => asked.filter((each) => each.name === name).length
  return { say, request, asked, timesAsked }
}

export const station = (station_id: string, num_bikes_available = 5) => ({ station_id, num_bikes_available })
export const facts = (station_id: string, capacity = 20) => ({
  station_id,
  name: station_id,
  lat: 1,
  lon: 2,
  capacity,
})

export const follow = (
  request: RequestJson,
  everyMs = 15 * MINUTE_MS,
  known: StationCursor = stationCursorFrom(new Map(), null),
) => {
  const records: TopicRecord[] = []
  const polls: FeedPoll[] = []
  const job = stationPolling({
    system: { systemId: 'harbour', gbfs: 'https://bikes.example/gbfs' },
    schedule: intervalSchedule(everyMs),
    request,
    publish: async (more, closed) => {
      records.push(...more)
      polls.push(...closed)
    },
  })
  let cursor = known
  const valuesOf = <T>(topic: string): T[] =>
    records.filter((record) => record.topic.name === topic).map(({ value }) => value as T)
  return {
    job,
    polls,
    cursor: () => cursor,
    poll: async (now: number) => {
      const result = await job.runOnce({ now, cursor })
      cursor = result.cursor
      return result
    },
    statuses: () => valuesOf<StationStatus>('station-status'),
    information: () => valuesOf<StationInformation>('station-information'),
    outcomes: () => polls.map(({ feed, outcome }) => `${feed} ${outcome}`),
  }
}
