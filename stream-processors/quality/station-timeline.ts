/**
 * Stations poll by poll, in one direction of time: what each of them said last, when its numbers changed, and what the
 * station rules find in a poll once all of it has been seen.
 */
import type { StationStatus } from '@velocast/schemas'
import { type CityFacts, memoryMs, type StationFacts, type StationRule } from './rule.ts'

export interface Finding {
  stationId: string
  /** What is wrong with it, in words. */
  actual: string
}

/** What the station rules say of one poll. */
export interface StationChecks {
  stations: number
  /** By the rule's name. */
  findings: ReadonlyMap<string, readonly Finding[]>
  hoursSinceChange: number
}

export interface StationTimeline {
  /** The newest poll of which a station has been seen. */
  newest: () => number
  /** A station of the newest poll, or of one that begins with it; never of an older one. */
  take: (status: StationStatus, offset: number) => void
  /** What the rules find in the newest poll, which is over. */
  close: () => StationChecks
  /** Where in the log the first poll began that `at` still remembers; what is before it is forgotten. */
  neededFrom: (at: number) => number
}

interface Station extends StationFacts {
  /** The newest poll that it was in. */
  seenAt: number
}

interface PollNote {
  polledAt: number
  offset: number
  changes: number
  stations: number
}

const HOUR_MS = 60 * 60 * 1000
const CHANGES_OVER_MS = 48 * HOUR_MS
const VANISHED_WITHIN_MS = 24 * HOUR_MS

export const createStationTimeline = (rules: readonly StationRule[]): StationTimeline => {
  const stations = new Map<string, Station>()
  let polls: PollNote[] = []
  let changedAt: number | null = null

  const newest = (): number => polls.at(-1)?.polledAt ?? Number.NEGATIVE_INFINITY

  const beginPoll = (polledAt: number, offset: number): void => {
    polls.push({ polledAt, offset, changes: 0, stations: 0 })
    for (const [stationId, { seenAt }] of stations)
      if (seenAt < polledAt - memoryMs) stations.delete(stationId)
  }

  const take = (status: StationStatus, offset: number): void => {
    const { stationId, polledAt, observedAt } = status
    if (polledAt > newest()) beginPoll(polledAt, offset)
    const poll = polls.at(-1)!
    const known = stations.get(stationId)
    if (!known) {
      poll.stations += 1
      stations.set(stationId, {
        status,
        firstSeenAt: polledAt,
        changedAt: observedAt,
        isRepeated: false,
        seenAt: polledAt,
      })
      return
    }
    if (known.seenAt !== polledAt) poll.stations += 1
    known.seenAt = polledAt
    known.isRepeated = observedAt === known.status.observedAt
    if (observedAt <= known.status.observedAt) return
    if (!hasSameNumbers(known.status, status)) {
      known.changedAt = observedAt
      poll.changes += 1
      changedAt = polledAt
    }
    known.status = status
  }

  const close = (): StationChecks => {
    const poll = polls.at(-1)!
    const present = [...stations.values()].filter(({ seenAt }) => seenAt === poll.polledAt)
    const rememberedMs = Math.min(memoryMs, poll.polledAt - polls[0]!.polledAt)
    let vanished: readonly StationStatus[] | null = null
    const city: CityFacts = {
      polledAt: poll.polledAt,
      rememberedMs,
      meanChanges: meanChanges(polls, poll.polledAt - CHANGES_OVER_MS),
      vanished: () => {
        vanished ??= [...stations.values()]
          .filter(({ seenAt }) => seenAt < poll.polledAt && seenAt >= poll.polledAt - VANISHED_WITHIN_MS)
          .map(({ status }) => status)
        return vanished
      },
    }
    const unchangedMs = Math.min(poll.polledAt - (changedAt ?? polls[0]!.polledAt), CHANGES_OVER_MS)
    return {
      stations: present.length,
      findings: new Map(
        rules.map((rule) => [
          rule.name,
          present.flatMap((station) => {
            const actual = rule.find(station, city)
            return actual === null ? [] : [{ stationId: station.status.stationId, actual }]
          }),
        ]),
      ),
      hoursSinceChange: unchangedMs / HOUR_MS,
    }
  }

  return {
    newest,
    take,
    close,
    neededFrom(at) {
      const first = polls.findIndex(({ polledAt }) => polledAt >= at - memoryMs)
      if (first > 0) polls = polls.slice(first)
      return polls[0]?.offset ?? 0
    },
  }
}

const hasSameNumbers = (a: StationStatus, b: StationStatus): boolean =>
  a.bikes === b.bikes &&
  a.docks === b.docks &&
  a.ebikes === b.ebikes &&
  a.bikesDisabled === b.bikesDisabled &&
  a.docksDisabled === b.docksDisabled

const meanChanges = (polls: readonly PollNote[], after: number): number => {
  let sum = 0
  for (const { polledAt, changes, stations } of polls)
    if (polledAt > after && stations > 0) sum += changes / stations
  return sum
}
