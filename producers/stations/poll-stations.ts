import type { System } from '@velocast/runtime'
import { FeedError } from '../feed-error.ts'
import { readStationInformation } from '../gbfs/read-station-information.ts'
import { readStationStatus } from '../gbfs/read-station-status.ts'
import type { RequestJson } from '../http/request-json.ts'
import { validatorsOf } from '../http/validators.ts'
import type { Job, Publish } from '../job.ts'
import { readFeed } from '../read-feed.ts'
import type { Schedule } from '../schedule/schedule.ts'
import { decideStationPoll, type StationPoll } from './decide-station-poll.ts'
import { discoverFeeds, toBeRead } from './discover-feeds.ts'
import { hasLosses, hasStrangers } from './feed-differences.ts'
import type { Discovery, StationCursor } from './station-cursor.ts'
import type { Validity } from './validity.ts'

export interface StationPolling {
  system: Pick<System, 'systemId' | 'gbfs' | 'language'>
  schedule: Schedule
  request: RequestJson
  publish: Publish
  /** Whether a document is left alone for as long as its operator calls it good; true by default. */
  respectsTtl?: boolean
}

/** Stations are built and moved a few times a day; one that reports without being known is looked up at once. */
const INFORMATION_EVERY_MS = 60 * 60_000

/** Polls station status, and station information when it is due, of one system. */
export const stationPolling = ({
  system,
  schedule,
  request,
  publish,
  respectsTtl = true,
}: StationPolling): Job<StationCursor> => ({
  name: 'stations',
  isDue: ({ now, cursor }) =>
    isLater(schedule.lastDue(now)?.dueAt ?? null, cursor.polledAt) &&
    (!respectsTtl || isOver(cursor.status, now)),
  runOnce: async ({ now, cursor }) => {
    const discovery = await discoverFeeds(request, system, now, cursor.discovery)
    const feeds =
      discovery instanceof FeedError
        ? ({ status: { kind: 'failed', error: discovery, latencyMs: 0 }, information: null } as const)
        : await readStationFeeds(request, { discovery, language: system.language, now, cursor })
    const {
      records,
      skipped,
      reports,
      cursor: next,
    } = decideStationPoll(
      { systemId: system.systemId, polledAt: now, dueAt: schedule.lastDue(now)?.dueAt ?? null, ...feeds },
      cursor,
    )
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
  {
    discovery: { feeds, electricTypes },
    language,
    now,
    cursor,
  }: { discovery: Discovery; language: string | undefined; now: number; cursor: StationCursor },
): Promise<Pick<StationPoll, 'status' | 'information'>> => {
  const readInformation = () =>
    readFeed(
      request,
      feeds.stationInformation,
      { at: now, ...validatorsOf(cursor.information) },
      (document) => readStationInformation(document, { polledAt: now, version: feeds.version, language }),
    )
  const { polledAt } = cursor.information
  const isInformationOver = isOver(cursor.information, now)
  const isInformationDue = polledAt === null || (now - polledAt >= INFORMATION_EVERY_MS && isInformationOver)
  const [status, information] = await Promise.all([
    readFeed(request, feeds.stationStatus, { at: now, ...validatorsOf(cursor.status) }, (document) =>
      readStationStatus(document, { polledAt: now, version: feeds.version, electricTypes }),
    ),
    isInformationDue ? readInformation() : null,
  ])
  if (information !== null || status.kind !== 'read') return { status, information }
  // A stranger shows that the operator has published another list before the known one was over.
  const isOutdated =
    hasStrangers(status.reading, cursor.information) ||
    (isInformationOver && hasLosses(status.reading, cursor.information))
  if (isOutdated) return { status, information: await readInformation() }
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

/** Timers fire late, and what is asked for a moment too early is good for a minute more. */
const TTL_SLACK_MS = 1_000

const isOver = ({ validUntil }: Validity, now: number): boolean =>
  validUntil === null || now >= validUntil - TTL_SLACK_MS

const isLater = (moment: number | null, than: number | null): boolean =>
  moment !== null && (than === null || moment > than)
