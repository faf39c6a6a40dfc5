/**
 * What can be told of one observation alone, and what becomes of it: the one list. Histories take in nothing that breaks a
 * rule of severity `dead-letter`, the features processor refuses it by the rule's name, and the quality processor counts,
 * names and alerts by the same entries. A new rule is one entry here.
 *
 * Two others refuse by themselves, for what they are: the producers, what no document may say, before it is an observation
 * at all; and the table `station_status`, by its constraints, what it must not hold whoever writes to it. Nothing that
 * these rules let through is refused by the table.
 */
import type { StationStatus } from '@velocast/schemas'
import type { ObservationRule } from './observation-rule.ts'
import { maxLevel } from './readings.ts'

const LONGEST_REPORT_AGE_MS = 6 * 60 * 60 * 1000

/**
 * Slots are counted from 1970, and rings of them reach back for 28 days; no bike was reported on in that century. And one
 * absurd moment must not make a chunk of its own in a table, thousands of years away.
 */
const FROM = Date.UTC(2000, 0, 1)
const TO = Date.UTC(2100, 0, 1)

export const observationRules: readonly ObservationRule[] = [
  {
    name: 'impossible-numbers',
    title: 'Numbers can be true',
    severity: 'dead-letter',
    vetoesTraining: true,
    warnAt: 0.1,
    failAt: 5,
    meaning: 'Counts that are negative or not whole, bikes or docks above 2,500, more e-bikes than bikes.',
    whatToDo:
      'Look at station-status.dlq. The producers keep nearly all of it out: an operator with a station of thousands, or somebody else who writes to station-status.',
    alert: { severity: 'WARNING', afterMinutes: 20, clearAfterMinutes: 45 },
    find: (status) => {
      const { bikes, ebikes, docks, bikesDisabled, docksDisabled, capacity } = status
      if (!isLevel(bikes)) return `bikes: ${bikes}`
      if (docks !== null && !isLevel(docks)) return `docks: ${docks}`
      if (ebikes !== null && !(isLevel(ebikes) && ebikes <= bikes))
        return `e-bikes: ${ebikes} of ${bikes} bikes`
      if (!isCount(bikesDisabled)) return `disabled bikes: ${bikesDisabled}`
      if (!isCount(docksDisabled)) return `disabled docks: ${docksDisabled}`
      return capacity !== null && !isCount(capacity) ? `capacity: ${capacity}` : null
    },
  },
  {
    name: 'impossible-moments',
    title: 'Moments can be true',
    severity: 'dead-letter',
    vetoesTraining: true,
    warnAt: 0.1,
    failAt: 5,
    meaning: 'Observed after the poll that brought them, before 2000 or after 2100.',
    whatToDo:
      'Look at station-status.dlq. Check the clock of whoever wrote it; the producers take the moment of the poll for one that lies after it.',
    alert: { severity: 'WARNING', afterMinutes: 20, clearAfterMinutes: 45 },
    find: ({ observedAt, polledAt }) => {
      // A moment after the poll would be knowledge of the future, and would push the true history out of the ring.
      if (observedAt > polledAt) return 'observed after the poll'
      return Number.isSafeInteger(observedAt) && observedAt >= FROM && observedAt < TO
        ? null
        : `observed at ${observedAt}`
    },
  },
  {
    name: 'impossible-positions',
    title: 'Positions are on Earth',
    severity: 'dead-letter',
    vetoesTraining: true,
    warnAt: 0.1,
    failAt: 5,
    meaning: 'Latitudes beyond 90°, longitudes beyond 180°.',
    whatToDo:
      'Look at station-status.dlq; whoever writes to station-status beside the producers is at fault.',
    alert: { severity: 'WARNING', afterMinutes: 20, clearAfterMinutes: 45 },
    find: ({ latitude, longitude }) =>
      (latitude === null || Math.abs(latitude) <= 90) && (longitude === null || Math.abs(longitude) <= 180)
        ? null
        : `${latitude}° N, ${longitude}° E`,
  },
  {
    name: 'capacity-mismatch',
    title: 'Vehicles and docks make up the capacity',
    severity: 'flag',
    vetoesTraining: false,
    warnAt: 10,
    failAt: 50,
    meaning:
      "Bikes, docks and what is broken of both add up to more than the capacity, by over a tenth and two, or to less than half of it. (In five operators' feeds fewer than 1 % of the stations do.)",
    whatToDo:
      'Valet stations and stations that were rebuilt look like this; station_information has the capacity as last published.',
    find: ({ bikes, docks, bikesDisabled, docksDisabled, capacity, isInstalled }) => {
      if (capacity === null || capacity === 0 || docks === null || !isInstalled) return null
      const sum = bikes + docks + bikesDisabled + docksDisabled
      return sum > capacity * 1.1 + 2 || sum < capacity / 2 ? `${sum} of ${capacity}` : null
    },
  },
  {
    name: 'silent-stations',
    title: 'Stations report',
    severity: 'flag',
    vetoesTraining: false,
    warnAt: 10,
    failAt: 50,
    meaning:
      'Installed stations whose last report (`last_reported`) is more than 6 hours older than the feed.',
    whatToDo:
      'A few have no power or no network, and their numbers are old. Many at once: the operator has lost a network.',
    alert: { severity: 'WARNING', afterMinutes: 60, clearAfterMinutes: 60 },
    find: ({ reportedAt, observedAt, isInstalled }) =>
      isInstalled && reportedAt !== null && observedAt - reportedAt > LONGEST_REPORT_AGE_MS
        ? 'the last report is more than 6 h old'
        : null,
  },
]

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0
const isLevel = (value: number): boolean => isCount(value) && value <= maxLevel

/** Why nothing may be made of an observation: the first rule of severity `dead-letter` that it breaks, with what is wrong. */
export const refusalOf = (
  rules: readonly ObservationRule[],
  status: StationStatus,
): { rule: string; detail: string } | null => {
  for (const { name, severity, find } of rules) {
    if (severity !== 'dead-letter') continue
    const detail = find(status)
    if (detail !== null) return { rule: name, detail }
  }
  return null
}
