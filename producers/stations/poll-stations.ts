import type { System } from '@velocast/runtime'
import { FeedError } from '../feed-error.ts'
import { readStationInformation } from '../gbfs/read-station-information.ts'
import { readStationStatus } from '../gbfs/read-station-status.ts'
import type { RequestJson } from '../http/request-json.ts'
import type { Job, Publish } from '../job.ts'
import { readFeed } from '../read-feed.ts'
import type { Schedule } from '../schedule/schedule.ts'
import { decideStationPoll, hasStrangers, type StationPoll } from './decide-station-poll.ts'
import { discoverFeeds, toBeRead } from './discover-feeds.ts'
import type { Discovery, StationCursor } from './station-cursor.ts'

export interface StationPolling {
  system: Pick<System, 'systemId' | 'gbfs'>
  schedule: Schedule
  request: RequestJson
  publish: Publish
}

/** Stations are built and moved a few times a day; one that reports without being known is looked up at once. */
const INFORMATION_EVERY_MS = 60 * 60_000

/** Polls station status, and station information when it is due, of one system. */
export const stationPolling = ({
  system,
  schedule,
  request,
  publish,
}: StationPolling): Job<StationCursor> => ({
  name: 'stations',
  isDue: ({ now, cursor }) => isLater(schedule.lastDue(now)?.dueAt ?? null, cursor.polledAt),
  runOnce: async ({ now, cursor }) => {
    const discovery = await discoverFeeds(request, system.gbfs, now, cursor.discovery)
    const feeds =
      discovery instanceof FeedError
        ? ({ status: { kind: 'failed', error: discovery, latencyMs: 0 }, information: null } as const)
        : await readStationFeeds(request, discovery, now, cursor)
    const {
      records,
      skipped,
      reports,
      cursor: next,
    } = decideStationPoll({ systemId: system.systemId, polledAt: now, ...feeds }, cursor)
    await publish(
      records,
      reports.map(({ poll }) => poll),
    )
    return {
      published: records.length,
      skipped,
      reports,
      cursor: { ...next, discovery: remembered(discovery, feeds, cursor.discovery) },
    }
  },
})

const readStationFeeds = async (
  request: RequestJson,
  { feeds, electricTypes }: Discovery,
  now: number,
  cursor: StationCursor,
): Promise<Pick<StationPoll, 'status' | 'information'>> => {
  const readInformation = () =>
    readFeed(request, feeds.stationInformation, { at: now, etag: cursor.information.etag }, (document) =>
      readStationInformation(document, { polledAt: now, version: feeds.version }),
    )
  const { polledAt } = cursor.information
  const isInformationDue = polledAt === null || now - polledAt >= INFORMATION_EVERY_MS
  const [status, information] = await Promise.all([
    readFeed(request, feeds.stationStatus, { at: now, etag: cursor.status.etag }, (document) =>
      readStationStatus(document, { polledAt: now, version: feeds.version, electricTypes }),
    ),
    isInformationDue ? readInformation() : null,
  ])
  if (information === null && status.kind === 'read' && hasStrangers(status.reading, cursor.information))
    return { status, information: await readInformation() }
  return { status, information }
}

const remembered = (
  discovery: Discovery | FeedError,
  feeds: Pick<StationPoll, 'status' | 'information'>,
  known: Discovery | null,
): Discovery | null => {
  if (discovery instanceof FeedError) return known
  const hasFailed = feeds.status.kind === 'failed' || feeds.information?.kind === 'failed'
  return hasFailed ? toBeRead(discovery) : discovery
}

const isLater = (moment: number | null, than: number | null): boolean =>
  moment !== null && (than === null || moment > than)
