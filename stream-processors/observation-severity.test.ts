import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ObservationRule, type ObservationSeverity, observationRules } from '@velocast/features'
import { parseSystems } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import { stationFeatures } from './features/station-features.ts'
import { rulesWith } from './quality/rules.ts'
import { generatePolls, recordsOf } from './quality/testing/city-log.ts'
import { configOf, judgeLog, numbered } from './quality/testing/judge-log.ts'

const system = parseSystems({ systems: [configOf('city')] }, 'a test')[0]!
/** In the third of four polls a station has thirteen bikes, which is as possible as any number. */
const log = [
  ...generatePolls({
    stations: 4,
    polls: 4,
    startAt: Date.UTC(2026, 5, 10, 12),
    change: ({ statuses }, index) => {
      for (const [number, status] of statuses.entries())
        Object.assign(status, index === 2 && number === 1 ? { bikes: 13, docks: 7 } : { bikes: 5, docks: 15 })
    },
  }),
].flatMap(recordsOf)

const noThirteen = (severity: ObservationSeverity): ObservationRule => ({
  name: 'no-thirteen',
  title: 'Nobody has thirteen',
  severity,
  vetoesTraining: false,
  warnAt: 10,
  failAt: 90,
  meaning: 'A rule that there was not until this test.',
  whatToDo: 'Nothing.',
  find: ({ bikes }) => (bikes === 13 ? 'it has thirteen' : null),
})

/** What the features processor makes of the log. */
const featuresBy = (rules: readonly ObservationRule[]) => {
  const ignore = () => {}
  const task = stationFeatures({
    systems: [system],
    clock: { now: () => 0 },
    telemetry: {
      observed: ignore,
      late: ignore,
      unknownSystem: ignore,
      batchHandled: ignore,
      snapshotUnreadable: ignore,
      snapshotsRestored: ignore,
      stateRestored: ignore,
    },
    maxRecords: 100,
    snapshotEveryMs: 1_000,
    rules,
  }).open(0)
  task.restoreFrom(0)
  const statuses = numbered(log.filter(({ topic }) => topic === topics.stationStatus))
  const { outputs, rejections } = task.handle(statuses, { publishFrom: 0, snapshotOffset: null })
  return {
    vectors: outputs.length,
    refused: rejections.map(({ record, reason, detail }) => [record.value.stationId, reason, detail]),
  }
}

/** What the quality processor says of the rule: of the system, and of stations. */
const qualityBy = (rules: readonly ObservationRule[]) => {
  const told = judgeLog(log, { system, rules: rulesWith(rules) })
    .results.filter(({ rule }) => rule === 'no-thirteen')
    .map(({ stationId, status, actual }) => [stationId ?? 'all', status, actual])
  return { all: told.filter(([who]) => who === 'all'), stations: told.filter(([who]) => who !== 'all') }
}

const shares = [
  ['all', 'PASS', '0 % of the stations'],
  ['all', 'PASS', '0 % of the stations'],
  ['all', 'WARN', '25 % of the stations'],
  ['all', 'PASS', '0 % of the stations'],
]

describe('one entry more in the list of rules on observations', () => {
  it('is all it takes to have them refused, by its name', () => {
    const rules = [...observationRules, noThirteen('dead-letter')]
    assert.deepEqual(featuresBy(rules), { vectors: 15, refused: [['s1', 'no-thirteen', 'it has thirteen']] })
    assert.deepEqual(qualityBy(rules), {
      all: shares,
      stations: [
        ['s1', 'FAIL', 'it has thirteen'],
        ['s1', 'PASS', 'nothing any more'],
      ],
    })
  })

  it('has their stations named, and the observations used, when it only flags', () => {
    const rules = [...observationRules, noThirteen('flag')]
    assert.deepEqual(featuresBy(rules), { vectors: 16, refused: [] })
    assert.deepEqual(qualityBy(rules), {
      all: shares,
      stations: [
        ['s1', 'WARN', 'it has thirteen'],
        ['s1', 'PASS', 'nothing any more'],
      ],
    })
  })

  it('has them counted, and used, when it only counts', () => {
    const rules = [...observationRules, noThirteen('count')]
    assert.deepEqual(featuresBy(rules), { vectors: 16, refused: [] })
    assert.deepEqual(qualityBy(rules), { all: shares, stations: [] })
  })

  it('refuses what it flagged when nothing but its severity is changed', () => {
    const stricter = observationRules.map((rule) =>
      rule.name === 'capacity-mismatch' ? { ...rule, severity: 'dead-letter' as const } : rule,
    )
    const before = log.find(({ topic }) => topic === topics.stationStatus)!.value
    const capacity = before.capacity
    before.capacity = 60
    try {
      assert.deepEqual(featuresBy(stricter), {
        vectors: 15,
        refused: [['s0', 'capacity-mismatch', '20 of 60']],
      })
      assert.deepEqual(featuresBy(observationRules), { vectors: 16, refused: [] })
    } finally {
      before.capacity = capacity
    }
  })
})
