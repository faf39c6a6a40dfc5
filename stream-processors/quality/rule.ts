/**
 * What a rule is. A rule is data: its name, what it measures, and from where on that is a warning or a failure. Adding
 * one is one entry in a list of `rules/`; everything else (records, alerts, metrics, the veto) follows from it.
 */
import type { ObservationRule } from '@velocast/features'
import type { FeedPoll, StationStatus, WeatherObservation } from '@velocast/schemas'

/** What every rule says of itself, as one on observations does; the limits are of its value, not of a share of stations. */
interface RuleHead extends Omit<ObservationRule, 'find' | 'warnAt' | 'failAt'> {
  /**
   * The value from which on it is a warning, and a failure (null: never). When `failAt` is the smaller of the two,
   * values below are the bad ones.
   */
  warnAt: number
  failAt: number | null
  /** Of the value, as it follows a number: "minutes", "% of the stations". */
  unit: string
}

interface Measure<Facts> {
  measure: (facts: Facts) => number | null
  /** What was measured, in words, for whoever reads that the rule does not pass; null: the value says it all. */
  describe?: (facts: Facts) => string | null
}

/** Judged at each poll of the status feed, whatever came of it. Null: cannot be said of this poll. */
export interface PollRule extends RuleHead, Measure<PollFacts> {
  applies: 'poll'
}

/** Judged for each station of a poll; the rule's value is the share of stations concerned, in percent. */
export interface StationRule extends RuleHead {
  applies: 'station'
  /** What is wrong with the station, in words; null: nothing. It must not depend on what is older than `memoryMs`. */
  find: (station: StationFacts, city: CityFacts) => string | null
}

/** Judged when an hour is over. */
export interface HourRule extends RuleHead, Measure<HourFacts> {
  applies: 'hour'
}

/** Judged at each poll of the weather now, also where it brought none. */
export interface WeatherRule extends RuleHead, Measure<WeatherFacts> {
  applies: 'weather'
}

export type Rule = PollRule | StationRule | HourRule | WeatherRule

export interface PollFacts {
  poll: FeedPoll
  /** Stations that the poll published; null where it published none. */
  stations: number | null
  /** Since the newest poll, this one included, that the operator answered; null where none is known. */
  minutesSinceAnswer: number | null
  /** Since the numbers of any station were last different, of 48 at most; null where that cannot be known yet. */
  hoursSinceChange: number | null
}

/** A station as of a poll. */
export interface StationFacts {
  status: StationStatus
  /** The first poll that it was in, as far as remembered. */
  firstSeenAt: number
  /** `observedAt` of the first observation with the present numbers, as far as remembered. */
  changedAt: number
  /** The same station and moment were in the log already. */
  isRepeated: boolean
}

/** The city as of a poll. */
export interface CityFacts {
  polledAt: number
  /** How far back its polls are remembered. */
  rememberedMs: number
  /** How often the average station has changed in the last 48 hours. */
  meanChanges: number
  /** Stations that were in a poll of the last 24 hours and are not in this one. */
  vanished: () => readonly StationStatus[]
}

export interface HourFacts {
  /** Between two successive polls, as far as it concerns this hour. */
  longestGapMinutes: number
  /** Polls that began in this hour. */
  polls: number
  failed: number
  /** Mean of its polls that published; null where none did. */
  stations: number | null
  /** The median of the 24 hours before; null where too few of them are known. */
  stationsBefore: number | null
  /** What the feeds do otherwise than in the 24 hours before, each in words; null where those are not known. */
  changes: readonly string[] | null
  /** Age of the newest weather observation at the hour's end; null where there has never been one. */
  weatherAgeMinutes: number | null
}

export interface WeatherFacts {
  observations: readonly WeatherObservation[]
  /** Nothing could be read, at none of the places. */
  hasFailed: boolean
  /** What the producer has read and not believed: it publishes NaN, and says so in the record of the poll. */
  implausible: { count: number; example: string | null }
  /** The one before, of the same place; null where there is none of the last hours. */
  previous: (observation: WeatherObservation) => WeatherObservation | null
}

/** What is remembered of the past: nothing that is older has any effect, so that a restart ends in the same state. */
export const memoryMs = 72 * 60 * 60 * 1000
