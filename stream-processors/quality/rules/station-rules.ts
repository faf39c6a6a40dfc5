import type { StationFacts, StationRule } from '../rule.ts'
import { metresBetween } from './metres-between.ts'

const HOUR_MS = 60 * 60 * 1000
const STUCK_AFTER_MS = 48 * HOUR_MS
/** A station five times quieter than the average one changes four times meanwhile: that it does not is 1 in 50. */
const STUCK_WHILE_MEAN_CHANGES = 20
const SAME_PLACE_METRES = 25

/** Those that look at more than one observation; see `rules.ts` for the others. */
export const stationRules: readonly StationRule[] = [
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
