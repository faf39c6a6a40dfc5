/**
 * The observations of one system in the log's order, folded to what the rules find in each poll. Polls are closed when the
 * next one begins or when they are asked for, whichever comes first: the same log gives the same checks, however far
 * the fold runs ahead of whoever asks.
 *
 * A back-fill that comes while the feed is followed goes back in time. It is a timeline of its own beside the live one.
 */
import type { StationStatus } from '@velocast/schemas'
import { memoryMs, type StationRule } from './rule.ts'
import { createStationTimeline, type StationChecks, type StationTimeline } from './station-timeline.ts'

export interface StationFold {
  observe: (status: StationStatus, offset: number) => void
  /** What was found in this poll; null where no station of it has been seen. A poll is taken once. */
  take: (polledAt: number) => StationChecks | null
  /** The first offset without which the state after the polls taken so far cannot be rebuilt; null: none. */
  neededFrom: () => number | null
}

interface Track {
  timeline: StationTimeline
  isOpen: boolean
  /** How many polls had begun before its newest. */
  order: number
  /** Where the live timeline was when this one was last added to. */
  liveAt: number
  neededFrom: number
}

interface ClosedPoll {
  checks: StationChecks
  track: Track
  order: number
}

/** Observations whose poll never came (the producer was killed in between) are forgotten after so many other polls. */
const ORPHANED_AFTER_POLLS = 50
/** A back-fill that has said nothing for so long is over. */
const PAST_ENDS_AFTER_MS = 24 * 60 * 60 * 1000

export const createStationFold = (rules: readonly StationRule[]): StationFold => {
  const closed = new Map<number, ClosedPoll>()
  let pollsBegun = 0
  let live: Track | null = null
  let past: Track | null = null

  const begin = (liveAt: number, offset: number): Track => ({
    timeline: createStationTimeline(rules),
    isOpen: false,
    order: 0,
    liveAt,
    neededFrom: offset,
  })

  const closePoll = (track: Track): void => {
    if (!track.isOpen) return
    track.isOpen = false
    closed.set(track.timeline.newest(), { checks: track.timeline.close(), track, order: track.order })
  }

  const trackOf = (polledAt: number, offset: number): Track => {
    const liveAt = live?.timeline.newest() ?? Number.NEGATIVE_INFINITY
    if (!live || polledAt >= liveAt) {
      if (!live || polledAt - liveAt > memoryMs) {
        if (live) closePoll(live)
        live = begin(polledAt, offset)
      }
      return live
    }
    if (!past || polledAt < past.timeline.newest() || liveAt - past.liveAt > PAST_ENDS_AFTER_MS) {
      if (past) closePoll(past)
      past = begin(liveAt, offset)
    }
    past.liveAt = liveAt
    return past
  }

  return {
    observe(status, offset) {
      const { polledAt } = status
      // Of a poll that is over: two producers at once. What the rules say of it stays.
      if (closed.has(polledAt)) return
      const track = trackOf(polledAt, offset)
      if (polledAt > track.timeline.newest()) {
        closePoll(track)
        track.order = pollsBegun++
      }
      track.timeline.take(status, offset)
      track.isOpen = true
    },
    take(polledAt) {
      for (const track of [live, past]) if (track?.timeline.newest() === polledAt) closePoll(track)
      const taken = closed.get(polledAt)
      if (!taken) return null
      closed.delete(polledAt)
      for (const [other, { order }] of closed)
        if (order < taken.order - ORPHANED_AFTER_POLLS) closed.delete(other)
      taken.track.neededFrom = taken.track.timeline.neededFrom(polledAt)
      if (past && taken.track === live && polledAt - past.liveAt > PAST_ENDS_AFTER_MS) past = null
      return taken.checks
    },
    neededFrom: () => {
      const offsets = [live, past].flatMap((track) => (track ? [track.neededFrom] : []))
      return offsets.length > 0 ? Math.min(...offsets) : null
    },
  }
}
