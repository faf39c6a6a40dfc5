import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { QualityStatus, StationStatus } from '@velocast/schemas'
import { isLowBad, judge } from './judge.ts'
import type { CityFacts, HourFacts, PollFacts, StationFacts, WeatherFacts } from './rule.ts'
import { rules } from './rules.ts'
import { rulesOfSystem } from './rules-of-system.ts'
import { generatePolls } from './testing/city-log.ts'

const HOUR_MS = 60 * 60_000
const now = Date.UTC(2026, 5, 10, 12)
const [made] = [...generatePolls({ stations: 1, polls: 1, startAt: now })]
const { poll, statuses, weather } = made!

const pollFacts = (changes: Partial<PollFacts> = {}): PollFacts => ({
  poll,
  stations: 100,
  minutesSinceAnswer: 0,
  hoursSinceChange: 0,
  ...changes,
})
const pollWith = (changes: Partial<PollFacts['poll']>): PollFacts =>
  pollFacts({ poll: { ...poll, ...changes } })

const hourFacts = (changes: Partial<HourFacts> = {}): HourFacts => ({
  longestGapMinutes: 15,
  polls: 4,
  failed: 0,
  stations: 100,
  stationsBefore: 100,
  changes: [],
  weatherAgeMinutes: 20,
  ...changes,
})

const weatherFacts = (
  changes: object,
  before: object | null = null,
  ofPoll: Partial<WeatherFacts> = {},
): WeatherFacts => ({
  observations: [{ ...weather!, ...changes }],
  hasFailed: false,
  implausible: { count: 0, example: null },
  previous: () => (before ? { ...weather!, observedAt: weather!.observedAt - HOUR_MS, ...before } : null),
  ...ofPoll,
})

const missing = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`)

/** Per rule, facts and what they are found to be. */
const polls: Record<string, [PollFacts, QualityStatus | null][]> = {
  completeness: [
    [pollFacts(), 'PASS'],
    [pollWith({ missingStations: missing(5) }), 'WARN'],
    [pollWith({ missingStations: missing(40) }), 'FAIL'],
    [pollFacts({ stations: null }), null],
  ],
  'rejected-stations': [
    [pollFacts(), 'PASS'],
    [pollWith({ rejected: 2 }), 'WARN'],
    [pollWith({ rejected: 20 }), 'FAIL'],
  ],
  'feed-age': [
    [pollFacts(), 'PASS'],
    [pollWith({ feedUpdatedAt: now - 30 * 60_000 }), 'WARN'],
    [pollWith({ feedUpdatedAt: now - 60 * 60_000 }), 'FAIL'],
    [pollWith({ feedUpdatedAt: null }), null],
  ],
  'feed-silence': [
    [pollFacts(), 'PASS'],
    [pollFacts({ minutesSinceAnswer: 15 }), 'WARN'],
    [pollFacts({ minutesSinceAnswer: 45 }), 'FAIL'],
  ],
  'feed-frozen': [
    [pollFacts(), 'PASS'],
    [pollFacts({ hoursSinceChange: 8 }), 'WARN'],
    [pollFacts({ hoursSinceChange: 14 }), 'FAIL'],
    [pollFacts({ hoursSinceChange: null }), null],
  ],
  'clock-ahead': [
    [pollFacts(), 'PASS'],
    [pollWith({ oddities: [{ rule: 'last-updated-in-the-future', count: 1, example: '' }] }), 'WARN'],
  ],
}

const hours: Record<string, [HourFacts, QualityStatus | null][]> = {
  'missing-polls': [
    [hourFacts(), 'PASS'],
    [hourFacts({ longestGapMinutes: 45 }), 'WARN'],
    [hourFacts({ longestGapMinutes: 120 }), 'FAIL'],
  ],
  'failed-polls': [
    [hourFacts(), 'PASS'],
    [hourFacts({ failed: 1 }), 'WARN'],
    [hourFacts({ failed: 3 }), 'FAIL'],
    [hourFacts({ polls: 0 }), null],
  ],
  'station-count': [
    [hourFacts(), 'PASS'],
    [hourFacts({ stations: 94 }), 'WARN'],
    [hourFacts({ stations: 130 }), 'FAIL'],
    [hourFacts({ stationsBefore: null }), null],
  ],
  'schema-drift': [
    [hourFacts(), 'PASS'],
    [hourFacts({ changes: ['num_ebikes_available is gone from station_status'] }), 'WARN'],
    [hourFacts({ changes: missing(4) }), 'FAIL'],
    [hourFacts({ changes: null }), null],
  ],
  'weather-age': [
    [hourFacts(), 'PASS'],
    [hourFacts({ weatherAgeMinutes: 120 }), 'WARN'],
    [hourFacts({ weatherAgeMinutes: 300 }), 'FAIL'],
    [hourFacts({ weatherAgeMinutes: null }), null],
  ],
}

const { NaN: unknown } = Number
const implausible = { implausible: { count: 1, example: 'temperatureC 290 °C' } }
const weathers: Record<string, [WeatherFacts, QualityStatus | null][]> = {
  'weather-plausible': [
    [weatherFacts({ temperatureC: 20 }, { temperatureC: 10 }), 'PASS'],
    [weatherFacts({ temperatureC: unknown }, { temperatureC: 10 }), 'PASS'],
    // What the producer makes of 290 °C: of a new reading, where nothing else can be read, and where nothing is new.
    [weatherFacts({ temperatureC: unknown }, { temperatureC: 10 }, implausible), 'FAIL'],
    [weatherFacts({}, null, { ...implausible, observations: [], hasFailed: true }), 'FAIL'],
    [weatherFacts({}, null, { ...implausible, observations: [] }), 'FAIL'],
    [weatherFacts({}, null, { observations: [], hasFailed: true }), null],
    // What it lets through.
    [weatherFacts({ temperatureC: 59 }), 'FAIL'],
    [weatherFacts({ pressureHpa: 1095 }), 'FAIL'],
    [weatherFacts({ temperatureC: 30 }, { temperatureC: 10 }), 'FAIL'],
  ],
  'weather-complete': [
    [weatherFacts({ visibilityM: unknown }), 'PASS'],
    [
      weatherFacts({
        visibilityM: unknown,
        pressureHpa: unknown,
        humidityPercent: unknown,
        feelsLikeC: unknown,
      }),
      'WARN',
    ],
    [weatherFacts({}, null, { observations: [], hasFailed: true }), 'FAIL'],
    [weatherFacts({}, null, { observations: [] }), null],
  ],
}

const city = (changes: Partial<CityFacts> = {}): CityFacts => ({
  polledAt: now,
  rememberedMs: 72 * HOUR_MS,
  meanChanges: 60,
  vanished: () => [],
  ...changes,
})
const station = (changes: Partial<StationStatus> = {}, facts: Partial<StationFacts> = {}): StationFacts => ({
  status: { ...statuses[0]!, ...changes },
  firstSeenAt: now - 72 * HOUR_MS,
  changedAt: now - HOUR_MS,
  isRepeated: false,
  ...facts,
})
const still = { changedAt: now - 60 * HOUR_MS }

/** Per rule, a station as of a poll, and whether something is found. */
const stations: Record<string, [StationFacts, CityFacts, boolean][]> = {
  'impossible-numbers': [
    [station(), city(), false],
    [station({ bikes: -1 }), city(), true],
    [station({ docks: 1.5 }), city(), true],
    [station({ bikes: 2_501 }), city(), true],
    [station({ bikes: 3, ebikes: 3 }), city(), false],
    [station({ bikes: 3, ebikes: 4 }), city(), true],
    [station({ bikesDisabled: -1 }), city(), true],
    [station({ docksDisabled: 0.5 }), city(), true],
    [station({ capacity: -1 }), city(), true],
    [station({ docks: null, capacity: null }), city(), false],
  ],
  'impossible-moments': [
    [station({ observedAt: now }), city(), false],
    [station({ observedAt: now + 1 }), city(), true],
    [station({ observedAt: Date.UTC(1999, 11, 31) }), city(), true],
    [station({ observedAt: unknown }), city(), true],
    [station({ observedAt: Date.UTC(2100, 0), polledAt: Date.UTC(2100, 0) }), city(), true],
  ],
  'impossible-positions': [
    [station(), city(), false],
    [station({ latitude: null, longitude: null }), city(), false],
    [station({ latitude: -90.1 }), city(), true],
    [station({ longitude: 181 }), city(), true],
    [station({ longitude: unknown }), city(), true],
  ],
  'capacity-mismatch': [
    [station({ bikes: 12, docks: 10, capacity: 20 }), city(), false],
    [station({ bikes: 20, docks: 15, capacity: 20 }), city(), true],
    [station({ bikes: 20, docks: 15, capacity: null }), city(), false],
    [station({ bikes: 5, docks: 4, capacity: 20 }), city(), true],
    [station({ bikes: 5, docks: 4, capacity: 20, isInstalled: false }), city(), false],
    [station({ bikes: 5, docks: null, capacity: 20 }), city(), false],
  ],
  'silent-stations': [
    [station(), city(), false],
    [station({ reportedAt: now - 7 * HOUR_MS }), city(), true],
    [station({ reportedAt: now - 7 * HOUR_MS, isInstalled: false }), city(), false],
    [station({ reportedAt: null }), city(), false],
  ],
  'stuck-stations': [
    [station(), city(), false],
    [station({}, still), city(), true],
    [station({}, still), city({ meanChanges: 5 }), false],
    [station({}, still), city({ rememberedMs: 20 * HOUR_MS }), false],
    [station({ isInstalled: false }, still), city(), false],
  ],
  'changed-identities': [
    [station(), city({ vanished: () => statuses }), false],
    [station({ stationId: 'new' }, { firstSeenAt: now }), city(), false],
    [station({ stationId: 'new' }, { firstSeenAt: now }), city({ vanished: () => statuses }), true],
    [station({ latitude: 48 }, { firstSeenAt: now }), city({ vanished: () => statuses }), false],
    [station({ latitude: null }, { firstSeenAt: now }), city({ vanished: () => statuses }), false],
  ],
  'repeated-observations': [
    [station(), city(), false],
    [station({}, { isRepeated: true }), city(), true],
  ],
}

describe('the quality rules', () => {
  it('have names of their own, and say what they mean and what to do', () => {
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length)
    for (const { name, meaning, whatToDo, title } of rules) {
      assert.match(name, /^[a-z]+(-[a-z]+)*$/)
      assert.ok(meaning && whatToDo && title, name)
    }
  })

  for (const rule of rules)
    it(`${rule.name}: ${rule.title.toLowerCase()}`, () => {
      if (rule.applies === 'station') {
        for (const [facts, cityFacts, isFound] of casesOf(stations, rule.name))
          assert.equal(rule.find(facts, cityFacts) !== null, isFound, JSON.stringify(facts))
        return
      }
      const check = (value: number | null, expected: QualityStatus | null): void =>
        assert.equal(value === null ? null : judge(rule, value).status, expected, `${value}`)
      if (rule.applies === 'poll')
        for (const [facts, expected] of casesOf(polls, rule.name)) check(rule.measure(facts), expected)
      if (rule.applies === 'hour')
        for (const [facts, expected] of casesOf(hours, rule.name)) check(rule.measure(facts), expected)
      if (rule.applies === 'weather')
        for (const [facts, expected] of casesOf(weathers, rule.name)) check(rule.measure(facts), expected)
    })

  it('are in the README, with their limits', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    for (const rule of rules) {
      const { name, applies, severity, vetoesTraining, warnAt, failAt, unit } = rule
      const limits = `${isLowBad(rule) ? 'below' : 'from'} ${warnAt}${failAt === null ? '' : `, ${failAt}`} ${unit}`
      const row = `| \`${name}\` | ${applies} | ${severity} | ${vetoesTraining ? 'yes' : ''} | ${limits} |`
      assert.ok(readme.includes(row), row)
    }
  })

  it('have the limits that a system gives them, and are off where it says so', () => {
    const quality = { 'feed-age': { warnAt: 30 }, completeness: { isOff: true } }
    const own = rulesOfSystem(rules, { systemId: 'oslo', quality })
    assert.equal(own.find(({ name }) => name === 'feed-age')?.warnAt, 30)
    assert.equal(own.find(({ name }) => name === 'feed-age')?.failAt, 60)
    assert.ok(!own.some(({ name }) => name === 'completeness'))
    assert.equal(own.length, rules.length - 1)
    assert.throws(
      () => rulesOfSystem(rules, { systemId: 'oslo', quality: { freshness: {} } }),
      /system oslo: there is no quality rule "freshness"; there are completeness, /,
    )
    assert.throws(
      () => rulesOfSystem(rules, { systemId: 'oslo', quality: { 'feed-age': { warnAt: 90 } } }),
      /quality rule "feed-age" would fail \(60\) before it warns \(90\)/,
    )
  })
})

/** A rule without cases is a mistake, and so is one that never passes or never finds anything. */
const casesOf = <T extends unknown[]>(cases: Record<string, T[]>, name: string): T[] => {
  const found = cases[name] ?? []
  const outcomes = new Set(found.map((each) => each.at(-1)))
  assert.ok(outcomes.size > 1, `${name} needs cases of both kinds`)
  return found
}
