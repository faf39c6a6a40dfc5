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
  /** Oddities of any other feed. */
  addOddities: (poll: FeedPoll) => void
  addWeather: (observation: WeatherObservation) => void
}

interface Hour {
  polls: number
  failed: number
  published: number
  stations: number
  oddities: Set<string>
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
      longestGapMs: 0,
    }
    hours.set(hour, fresh)
    return fresh
  }

  const count = (poll: FeedPoll): void => {
    const hour = entry(hourOf(poll.polledAt))
    hour.polls += 1
    for (const { rule } of poll.oddities) hour.oddities.add(rule)
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
      newOddities: newOddities(index),
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

  const newOddities = (index: number): number | null => {
    if (!hours.get(index - HOURS_A_DAY)?.polls || entry(index).polls === 0) return null
    const before = new Set<string>()
    for (let hour = index - HOURS_A_DAY; hour < index; hour += 1)
      for (const oddity of hours.get(hour)?.oddities ?? []) before.add(oddity)
    return [...entry(index).oddities].filter((oddity) => !before.has(oddity)).length
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
      previousAt = poll.polledAt
      return ended
    },
    addOddities(poll) {
      for (const { rule } of poll.oddities) entry(hourOf(poll.polledAt)).oddities.add(rule)
    },
    addWeather: ({ polledAt, observedAt }) => void weather.push({ polledAt, observedAt }),
  }
}

const meanStations = (hour: Hour | undefined): number | null =>
  hour && hour.published > 0 ? hour.stations / hour.published : null
