import type { StationFacts, StationRule } from '../rule.ts'
import { metresBetween } from './metres-between.ts'

const HOUR_MS = 60 * 60 * 1000
const LONGEST_REPORT_AGE_MS = 6 * HOUR_MS
const STUCK_AFTER_MS = 48 * HOUR_MS
/** A station five times quieter than the average one changes four times meanwhile: that it does not is 1 in 50. */
const STUCK_WHILE_MEAN_CHANGES = 20
const SAME_PLACE_METRES = 25
/** The largest count that is believed of a station. */
const MOST_VEHICLES = 10_000

export const stationRules: readonly StationRule[] = [
  {
    applies: 'station',
    name: 'impossible-numbers',
    title: 'Numbers can be true',
    severity: 'dead-letter',
    vetoesTraining: true,
    warnAt: 0.1,
    failAt: 5,
    unit: '% of the stations',
    meaning:
      'Observations that got past the producer and that the features processor dead-letters: negative, too large, more e-bikes than bikes, or observed after the poll.',
    whatToDo:
      'Look at station-status.dlq; whoever writes to station-status beside the producers is at fault.',
    alert: { severity: 'WARNING', afterMinutes: 20, clearAfterMinutes: 45 },
    find: ({ status }) => {
      const { bikes, ebikes, docks, observedAt, polledAt } = status
      if (!isCount(bikes)) return `bikes: ${bikes}`
      if (docks !== null && !isCount(docks)) return `docks: ${docks}`
      if (ebikes !== null && (!isCount(ebikes) || ebikes > bikes))
        return `e-bikes: ${ebikes} of ${bikes} bikes`
      return observedAt > polledAt ? 'observed after the poll' : null
    },
  },
  {
    applies: 'station',
    name: 'capacity-mismatch',
    title: 'Vehicles and docks make up the capacity',
    severity: 'flag',
    vetoesTraining: false,
    warnAt: 10,
    failAt: 50,
    unit: '% of the stations',
    meaning:
      "Bikes, docks and what is broken of both add up to more than the capacity, by over a tenth and two, or to less than half of it. (In five operators' feeds fewer than 1 % of the stations do.)",
    whatToDo:
      'Valet stations and stations that were rebuilt look like this; station_information has the capacity as last published.',
    find: ({ status }) => {
      const { bikes, docks, bikesDisabled, docksDisabled, capacity, isInstalled } = status
      if (capacity === null || capacity === 0 || docks === null || !isInstalled) return null
      const sum = bikes + docks + bikesDisabled + docksDisabled
      return sum > capacity * 1.1 + 2 || sum < capacity / 2 ? `${sum} of ${capacity}` : null
    },
  },
  {
    applies: 'station',
    name: 'silent-stations',
    title: 'Stations report',
    severity: 'flag',
    vetoesTraining: false,
    warnAt: 10,
    failAt: 50,
    unit: '% of the stations',
    meaning:
      'Installed stations whose last report (`last_reported`) is more than 6 hours older than the feed.',
    whatToDo:
      'A few have no power or no network, and their numbers are old. Many at once: the operator has lost a network.',
    alert: { severity: 'WARNING', afterMinutes: 60, clearAfterMinutes: 60 },
    find: ({ status: { reportedAt, observedAt, isInstalled } }) =>
      isInstalled && reportedAt !== null && observedAt - reportedAt > LONGEST_REPORT_AGE_MS
        ? 'the last report is more than 6 h old'
        : null,
  },
  {
    applies: 'station',
    name: 'stuck-stations',
    title: 'Stations move when the city does',
    severity: 'flag',
    vetoesTraining: false,
    warnAt: 15,
    failAt: 50,
    unit: '% of the stations',
    meaning:
      'No number has changed for 48 hours in which the average station changed 20 times: nights and quiet systems do not count.',
    whatToDo: 'A station that is broken, cordoned off or forgotten. Forecasts of it repeat what it says.',
    find: (station, city) =>
      city.rememberedMs >= STUCK_AFTER_MS &&
      city.meanChanges >= STUCK_WHILE_MEAN_CHANGES &&
      station.status.isInstalled &&
      city.polledAt - station.changedAt >= STUCK_AFTER_MS
        ? 'unchanged for 48 h while the average station changed 20 times'
        : null,
  },
  {
    applies: 'station',
    name: 'changed-identities',
    title: 'Stations keep their ids',
    severity: 'flag',
    vetoesTraining: false,
    warnAt: 0.1,
    failAt: 5,
    unit: '% of the stations',
    meaning:
      'An id that was not there before stands where another has just vanished: for us a new station without history.',
    whatToDo: 'If it is the same station, its history is under the old id, which the finding names.',
    alert: { severity: 'WARNING', afterMinutes: 0, clearAfterMinutes: 60 },
    find: (station, city) => {
      if (city.rememberedMs < 24 * HOUR_MS || station.firstSeenAt !== city.polledAt) return null
      const before = city
        .vanished()
        .find(
          (other) => (metresBetween(other, station.status) ?? Number.POSITIVE_INFINITY) < SAME_PLACE_METRES,
        )
      return before ? `stands where ${before.stationId} stood` : null
    },
  },
  {
    applies: 'station',
    name: 'repeated-observations',
    title: 'Nothing is there twice',
    severity: 'count',
    vetoesTraining: false,
    warnAt: 1,
    failAt: null,
    unit: '% of the stations',
    meaning:
      'Observations whose station and moment were in the log already. They change nothing; two producers for one system, or a producer that was killed, make them.',
    whatToDo: 'If it lasts, look for a second producer.',
    find: ({ isRepeated }: StationFacts) => (isRepeated ? 'was there already' : null),
  },
]

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= MOST_VEHICLES
