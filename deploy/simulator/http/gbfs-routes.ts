import type { FeedSource } from '../feed/feed-source.ts'
import {
  discoveryDocument,
  feedNamesOf,
  type GbfsVersion,
  stationInformationDocument,
  stationStatusDocument,
  systemInformationDocument,
  vehicleTypesDocument,
} from '../feed/gbfs-documents.ts'
import { type Answer, ok, problem } from './answer.ts'

export interface GbfsRoutesOptions {
  source: FeedSource
  version: GbfsVersion
  /** Address of the folder that `gbfs.json` is in; known once the server listens. */
  folderAddress: () => string
}

const DAY_MS = 86_400_000

/** Answers for a path below the feed's folder, such as `gbfs.json` or `en/station_status.json`, or null for any other. */
export const createGbfsRoutes = ({ source, version, folderAddress }: GbfsRoutesOptions) => {
  const names: readonly string[] = ['gbfs', ...feedNamesOf(version)]
  return (path: string, at: number): Answer | null => {
    const name = /^(?:en\/)?([a-z_]+)\.json$/.exec(path)?.[1]
    if (name === undefined || !names.includes(name)) return null
    const { startsAt } = source.span
    if (startsAt !== null && at < startsAt) return beforeStart(startsAt)
    const dayAt = Math.floor(at / DAY_MS) * DAY_MS
    switch (name) {
      case 'gbfs':
        return ok(discoveryDocument(version, folderAddress(), dayAt))
      case 'system_information':
        return ok(systemInformationDocument(version, source.system, dayAt))
      case 'vehicle_types':
        return ok(vehicleTypesDocument(version, dayAt))
      case 'station_information': {
        const { stations, lastUpdatedAt } = source.stationsAt(at)
        return ok(stationInformationDocument(version, stations, lastUpdatedAt))
      }
      default:
        return statusAnswer(at)
    }
  }

  function statusAnswer(at: number): Answer {
    const answer = source.statusAt(at)
    if (answer.kind === 'before-start') return beforeStart(answer.startsAt)
    if (answer.kind === 'unavailable')
      return problem(503, 'The feed is down for a while, as real feeds are now and then.', {
        'retry-after': String(answer.retryAfterSeconds),
      })
    return ok(stationStatusDocument(version, answer.reports, answer.lastUpdatedAt, source))
  }

  function beforeStart(startsAt: number): Answer {
    return problem(
      404,
      `The recording begins at ${new Date(startsAt).toISOString()}; nothing is known before.`,
    )
  }
}
