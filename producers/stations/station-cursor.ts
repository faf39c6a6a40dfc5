import type { FeedPoll, StationInformation } from '@velocast/schemas'
import type { FeedAddresses } from '../gbfs/read-auto-discovery.ts'
import type { StationFacts } from '../gbfs/read-station-information.ts'
import type { Validators } from '../http/validators.ts'
import type { Validity } from './validity.ts'

/** What is known of an operator's station feeds after a poll. A value: a poll makes a new one. */
export interface StationCursor {
  /** When the newest poll began. */
  polledAt: number | null
  /** Its validators are of what was published last: they are remembered only once the document is in the log. */
  status: Validators &
    Validity & {
      /** `last_updated` of what was published last. */
      updatedAt: number | null
    }
  information: Validators &
    Validity & {
      polledAt: number | null
      updatedAt: number | null
      /** As last published. */
      published: ReadonlyMap<string, StationInformation>
      /** The stations of the newest document; null until one has been read. */
      listed: ReadonlyMap<string, StationFacts> | null
      /** Stations with a status that the newest document leaves out: no reason to ask for it again. */
      unlisted: ReadonlySet<string>
      /** Stations of the newest document without a status, likewise. */
      silent: ReadonlySet<string>
    }
  discovery: Discovery | null
}

export interface Discovery {
  feeds: FeedAddresses
  /** Vehicle types with a motor; null where the operator publishes no types. */
  electricTypes: ReadonlySet<string> | null
  readAt: number
}

export const STATUS_FEED = 'station_status'
export const INFORMATION_FEED = 'station_information'

/** The cursor as the topics tell it: published stations, and the newest poll of the status feed. */
export const stationCursorFrom = (
  published: ReadonlyMap<string, StationInformation>,
  newestStatusPoll: FeedPoll | null,
): StationCursor => ({
  polledAt: newestStatusPoll?.polledAt ?? null,
  status: { updatedAt: newestStatusPoll?.feedUpdatedAt ?? null, validForMs: 0, validUntil: null },
  information: {
    polledAt: null,
    updatedAt: null,
    validForMs: 0,
    validUntil: null,
    published,
    listed: null,
    unlisted: new Set(),
    silent: new Set(),
  },
  discovery: null,
})
