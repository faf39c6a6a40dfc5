/** What an operator knows of a station, in no version's words. Counts that a source does not have are null. */
export interface StationReport {
  stationId: string
  /** Ridable bikes of every kind, and how many of them are electric. */
  bikes: number | null
  ebikes: number | null
  docks: number | null
  bikesDisabled: number | null
  docksDisabled: number | null
  isInstalled: boolean
  isRenting: boolean
  isReturning: boolean
  /** Epoch milliseconds; null where the station never said. */
  reportedAt: number | null
}

export interface StationProfile {
  stationId: string
  name: string
  shortName?: string
  latitude: number
  longitude: number
  capacity: number
}

export interface SystemProfile {
  systemId: string
  name: string
  timeZone: string
  latitude: number
  longitude: number
}

/** `frozen` is not told: a feed that stands still looks like a snapshot whose `lastUpdatedAt` does not move. */
export type StatusAnswer =
  | { kind: 'snapshot'; lastUpdatedAt: number; reports: readonly StationReport[] }
  | { kind: 'unavailable'; retryAfterSeconds: number }
  | { kind: 'before-start'; startsAt: number }

/** An operator: answers as of any moment, with nothing that became known later. Times are epoch milliseconds. */
export interface FeedSource {
  system: SystemProfile
  /** How long a client should wait before it asks again. */
  ttlSeconds: number
  statusAt: (at: number) => StatusAnswer
  stationsAt: (at: number) => { lastUpdatedAt: number; stations: readonly StationProfile[] }
  /** The first and the last moment at which something new is known; null where there is no such bound. */
  span: { startsAt: number | null; endsAt: number | null }
  /** How far a recording is moved; null for what is not recorded. */
  weeksMoved: number | null
}
