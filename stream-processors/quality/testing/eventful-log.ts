/** Six days of a city in which everything goes wrong that the rules look for, a back-fill in the middle of it. */
import type { TopicRecord } from '@velocast/kafka'
import { generatePolls, POLL_MS, type PollInMaking, recordsOf } from './city-log.ts'

const POLLS_A_DAY = 96
const HOUR_MS = 60 * 60_000
const unknownWeather = {
  humidityPercent: Number.NaN,
  windSpeedMps: Number.NaN,
  cloudCoverPercent: Number.NaN,
  pressureHpa: Number.NaN,
}
const isBetween = (index: number, from: number, to: number): boolean => index >= from && index < to

const goWrong = (made: PollInMaking, index: number): void => {
  const { poll, statuses, weather, weatherPoll } = made
  const first = statuses[0]!
  if (isBetween(index, 60, 64)) poll.outcome = 'FAILED'
  if (isBetween(index, 100, 110)) poll.feedUpdatedAt! -= (index - 98) * POLL_MS
  if (index >= 120) poll.oddities.push({ rule: 'time-as-text', count: 1, example: '"12:00"' })
  if (isBetween(index, 150, 156)) poll.missingStations = statuses.splice(3).map(({ stationId }) => stationId)
  if (isBetween(index, 170, 174)) poll.outcome = 'UNCHANGED'
  if (isBetween(index, 180, 183)) statuses[3]!.bikes = -1
  if (index === 190) statuses[3]!.observedAt = poll.polledAt + 1
  if (index === 191) statuses[4]!.latitude = 95
  // One stands still from the second day to the fifth, and another is away for most of the third.
  if (isBetween(index, 130, 450)) Object.assign(first, { bikes: 7, docks: 13 })
  if (isBetween(index, 210, 260)) statuses.splice(2, 1)
  if (index >= 300) statuses[1]!.stationId = 'renamed'
  // A provider that has gone over to kelvins without saying so, and one whose answers are of no use.
  if (weather && weatherPoll && isBetween(index, 320, 326)) {
    weather.temperatureC = Number.NaN
    weatherPoll.oddities.push({ rule: 'weather-implausible', count: 1, example: 'temperatureC 285 °C' })
  }
  if (weatherPoll && isBetween(index, 326, 330)) {
    weatherPoll.outcome = 'FAILED'
    made.weather = null
  }
  if (index >= 280) poll.fields = poll.fields.filter((field) => field !== 'num_ebikes_available')
  if (index >= 350) poll.version = '3.0'
  if (isBetween(index, 330, 380))
    for (const status of statuses) status.reportedAt = poll.polledAt - 7 * HOUR_MS
  if (isBetween(index, 460, 470)) statuses[4]!.docks! += 20
  if (isBetween(index, 470, 474)) poll.rejected = 3
  if (index === 476) poll.oddities.push({ rule: 'last-updated-in-the-future', count: 1, example: 'by 40 s' })
  if (weather && isBetween(index, 480, 484)) Object.assign(weather, unknownWeather)
  if (index === 486) for (const status of statuses) status.observedAt -= POLL_MS
  // At the end nothing moves any more, and the feed goes on saying that it is now.
  if (index >= 505) for (const status of statuses) Object.assign(status, { bikes: 9, docks: 11 })
}

/** `endAt` is the moment of the last poll. */
export const eventfulLog = (endAt: number, stations = 6): TopicRecord[] => {
  const polls = 6 * POLLS_A_DAY
  const startAt = endAt - (polls - 1) * POLL_MS
  const live = [...generatePolls({ stations, polls, startAt, change: goWrong })]
    // For some hours nobody polls.
    .filter((_, index) => !isBetween(index, 400, 420))
    .map(recordsOf)
  const past = [
    ...generatePolls({
      stations,
      polls: POLLS_A_DAY,
      startAt: startAt - 20 * POLLS_A_DAY * POLL_MS,
      seed: 2,
    }),
  ].map(recordsOf)
  // The back-fill goes fifty times as fast as time.
  return live.flatMap((records, index) => [
    ...records,
    ...(isBetween(index, 500, 502) ? past.slice((index - 500) * 50, (index - 499) * 50).flat() : []),
  ])
}
