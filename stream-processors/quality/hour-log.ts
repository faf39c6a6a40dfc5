/** The polls of a system by the hour, as far back as the rules on hours look. */
import type { FeedPoll, WeatherObservation } from '@velocast/schemas'
import type { HourFacts } from './rule.ts'

export interface EndedHour {
  /** The hour's end. */
  endedAt: number
  facts: HourFacts
}

export interface HourLog {
  /** Takes a poll of the status feed in; what it returns are the hours that have ended since the one before. */
  add: (poll: FeedPoll) => EndedHour[]
  /** A poll of any other feed. */
  addOther: (poll: FeedPoll) => void
  addWeather: (observation: WeatherObservation) => void
}

interface Hour {
  polls: number
  failed: number
  published: number
  stations: number
  oddities: Set<string>
  /** By feed, for those of which a document was read. */
  fields: Map<string, Set<string>>
  versions: Map<string, Set<string>>
  longestGapMs: number
}

const HOUR_MS = 60 * 60 * 1000
const HOURS_A_DAY = 24
/** Fewer hours with polls are no day to compare with. */
const LEAST_HOURS = 12
/** After a longer time without polls only its last hours are judged. */
const MOST_HOURS_AT_ONCE = 48
const WEATHER_FORGOTTEN_AFTER_MS = 48 * HOUR_MS

export const createHourLog = (): HourLog => {
  const hours = new Map<number, Hour>()
  let weather: { polledAt: number; observedAt: number }[] = []
  let previousAt: number | null = null

  const hourOf = (at: number): number => Math.floor(at / HOUR_MS)
  const entry = (hour: number): Hour => {
    const known = hours.get(hour)
    if (known) return known
    const fresh = {
      polls: 0,
      failed: 0,
      published: 0,
      stations: 0,
      oddities: new Set<string>(),
      fields: new Map<string, Set<string>>(),
      versions: new Map<string, Set<string>>(),
      longestGapMs: 0,
    }
    hours.set(hour, fresh)
    return fresh
  }

  /** How the feed speaks. */
  const listen = ({ polledAt, feed, oddities, version, fields }: FeedPoll): void => {
    const hour = entry(hourOf(polledAt))
    for (const { rule } of oddities) hour.oddities.add(rule)
    if (fields.length > 0) addAll(hour.fields, feed, fields)
    if (version !== null) addAll(hour.versions, feed, [version])
  }

  const count = (poll: FeedPoll): void => {
    const hour = entry(hourOf(poll.polledAt))
    hour.polls += 1
    if (poll.outcome === 'FAILED') hour.failed += 1
    if (poll.outcome !== 'PUBLISHED') return
    hour.published += 1
    hour.stations += poll.published
  }

  const factsOf = (index: number): HourFacts => {
    const hour = entry(index)
    return {
      longestGapMinutes: hour.longestGapMs / 60_000,
      polls: hour.polls,
      failed: hour.failed,
      stations: meanStations(hour),
      stationsBefore: usualStations(index),
      changes: changesIn(index),
      weatherAgeMinutes: weatherAge((index + 1) * HOUR_MS),
    }
  }

  /** The median of the day before, so that an hour that was wrong yesterday is no measure of today's. */
  const usualStations = (index: number): number | null => {
    const means: number[] = []
    for (let hour = index - HOURS_A_DAY; hour < index; hour += 1) {
      const mean = meanStations(hours.get(hour))
      if (mean !== null) means.push(mean)
    }
    if (means.length < LEAST_HOURS) return null
    return means.sort((a, b) => a - b)[Math.floor(means.length / 2)]!
  }

  const changesIn = (index: number): string[] | null => {
    const hour = entry(index)
    if (!hours.get(index - HOURS_A_DAY)?.polls || hour.polls === 0) return null
    const before: Hour[] = []
    for (let each = index - HOURS_A_DAY; each < index; each += 1)
      if (hours.has(each)) before.push(hours.get(each)!)
    const isOdd = (rule: string): boolean => before.some(({ oddities }) => oddities.has(rule))
    return [
      ...[...hour.oddities].filter((rule) => !isOdd(rule)).map((rule) => `the oddity ${rule} is new`),
      ...[...hour.versions].flatMap(([feed, versions]) => versionChanges(feed, versions, before)),
      ...[...hour.fields].flatMap(([feed, fields]) => fieldChanges(feed, fields, before)),
    ]
  }

  const weatherAge = (at: number): number | null => {
    const newest = weather
      .filter(({ polledAt }) => polledAt < at && polledAt >= at - WEATHER_FORGOTTEN_AFTER_MS)
      .reduce((latest, { observedAt }) => Math.max(latest, observedAt), Number.NEGATIVE_INFINITY)
    return Number.isFinite(newest) ? Math.max(0, (at - newest) / 60_000) : null
  }

  const forget = (hour: number): void => {
    for (const each of hours.keys()) if (each < hour - HOURS_A_DAY) hours.delete(each)
    const from = hour * HOUR_MS - WEATHER_FORGOTTEN_AFTER_MS - HOUR_MS
    if (weather[0] && weather[0].polledAt < from) weather = weather.filter(({ polledAt }) => polledAt >= from)
  }

  return {
    add(poll) {
      const ended: EndedHour[] = []
      const hour = hourOf(poll.polledAt)
      if (previousAt !== null) {
        const gapMs = poll.polledAt - previousAt
        const first = Math.max(hourOf(previousAt), hour - MOST_HOURS_AT_ONCE)
        for (let each = first; each <= hour; each += 1) {
          const reached = entry(each)
          reached.longestGapMs = Math.max(reached.longestGapMs, gapMs)
        }
        for (let each = first; each < hour; each += 1) {
          ended.push({ endedAt: (each + 1) * HOUR_MS, facts: factsOf(each) })
          forget(each)
        }
      }
      count(poll)
      listen(poll)
      previousAt = poll.polledAt
      return ended
    },
    addOther: listen,
    addWeather: ({ polledAt, observedAt }) => void weather.push({ polledAt, observedAt }),
  }
}

const meanStations = (hour: Hour | undefined): number | null =>
  hour && hour.published > 0 ? hour.stations / hour.published : null

const addAll = (sets: Map<string, Set<string>>, feed: string, values: readonly string[]): void => {
  const set = sets.get(feed) ?? new Set()
  sets.set(feed, set)
  for (const value of values) set.add(value)
}

const versionChanges = (feed: string, versions: ReadonlySet<string>, before: readonly Hour[]): string[] => {
  const known = new Set(before.flatMap((hour) => [...(hour.versions.get(feed) ?? [])]))
  if (known.size === 0) return []
  const former = [...known].join(' and ')
  return [...versions]
    .filter((version) => !known.has(version))
    .map((version) => `${feed} is of version ${version}, was of ${former}`)
}

/** A field that stations have only now and then must not be told of whenever none has: what is gone was in most hours. */
const fieldChanges = (feed: string, fields: ReadonlySet<string>, before: readonly Hour[]): string[] => {
  const known = before.flatMap((hour) => hour.fields.get(feed) ?? [])
  if (known.length === 0) return []
  const hoursWith = new Map<string, number>()
  for (const hour of known) for (const field of hour) hoursWith.set(field, (hoursWith.get(field) ?? 0) + 1)
  const isUsual = ([, count]: [string, number]): boolean => count > known.length / 2
  const usual = [...hoursWith].filter(isUsual).map(([field]) => field)
  return [
    ...usual.filter((field) => !fields.has(field)).map((field) => `${field} is gone from ${feed}`),
    ...[...fields].filter((field) => !hoursWith.has(field)).map((field) => `${field} is new in ${feed}`),
  ]
}
