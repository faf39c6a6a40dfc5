import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { topicTables } from '@velocast/db'
import type { Alert, DataQuality } from '@velocast/schemas'
import { createTestDatabase, type TestDatabase } from '@velocast/testkit'
import { presentQuality } from '../terminal/present-quality.ts'
import { failsNow, readQuality } from './read-quality.ts'

const HOUR_MS = 60 * 60 * 1000
const now = Date.UTC(2026, 5, 10, 12)

const result = (changes: Partial<DataQuality>): DataQuality => ({
  systemId: 'oslo',
  stationId: null,
  rule: 'feed-age',
  checkedAt: now - HOUR_MS,
  status: 'PASS',
  expected: 'under 20 minutes',
  actual: '1 minutes',
  detail: null,
  vetoesTraining: false,
  value: 1,
  ...changes,
})

const alert = (changes: Partial<Alert>): Alert => ({
  systemId: 'oslo',
  alert: 'quality-feed-age',
  raisedAt: now - 5 * HOUR_MS,
  severity: 'WARNING',
  resolved: true,
  summary: 'the feed is old',
  action: 'Ask the operator.',
  resolvedAt: now - 4 * HOUR_MS,
  ...changes,
})

describe('the quality of a system', () => {
  let test: TestDatabase

  before(async () => {
    test = await createTestDatabase()
    const { dataQuality, alerts } = topicTables
    const results = [
      result({ checkedAt: now - 30 * HOUR_MS, status: 'FAIL' }),
      result({ checkedAt: now - 5 * HOUR_MS, status: 'FAIL', actual: '70 minutes' }),
      result({ checkedAt: now - 4 * HOUR_MS }),
      result({}),
      result({ rule: 'completeness', status: 'WARN', actual: '95 %', detail: 'See who is missing.' }),
      result({ systemId: 'bergen', status: 'FAIL' }),
      result({ stationId: 's1', rule: 'stuck-stations', status: 'WARN', actual: 'unchanged' }),
      result({ stationId: 's1', rule: 'silent-stations', status: 'WARN', actual: 'old report' }),
      result({ stationId: 's2', rule: 'stuck-stations', status: 'WARN', checkedAt: now - 25 * HOUR_MS }),
      result({ stationId: 's3', rule: 'stuck-stations', status: 'WARN', checkedAt: now - 3 * HOUR_MS }),
      result({ stationId: 's3', rule: 'stuck-stations', status: 'PASS' }),
    ]
    await test.database.copyInto(
      dataQuality.table,
      dataQuality.columns,
      results.flatMap((value) => dataQuality.rowsFrom(value)),
    )
    const raised = [
      alert({}),
      alert({ alert: 'polls-stopped', severity: 'CRITICAL', resolved: false, resolvedAt: null }),
    ]
    await test.database.copyInto(
      alerts.table,
      alerts.columns,
      raised.flatMap((value) => alerts.rowsFrom(value)),
    )
  })
  after(() => test?.drop())

  const read = (systemId: string) => readQuality(test.database, { systemId, since: now - 24 * HOUR_MS, now })

  it('says of each rule what holds now, what was worst, and how often it passed', async () => {
    const { rules } = await read('oslo')
    assert.deepEqual(
      rules.map(({ rule, status, worst, checks, passed, actual }) => [
        rule,
        status,
        worst,
        checks,
        passed,
        actual,
      ]),
      [
        ['completeness', 'WARN', 'WARN', 1, 0, '95 %'],
        ['feed-age', 'PASS', 'FAIL', 3, 2, '1 minutes'],
      ],
    )
  })

  it('names the stations that something is wrong with now, the worst first', async () => {
    const { stations } = await read('oslo')
    assert.deepEqual(
      stations.map(({ stationId, findings }) => [stationId, findings.length]),
      [
        ['s1', 2],
        ['s2', 1],
      ],
    )
  })

  it('fails by a rule, or by an alert that is open', async () => {
    const oslo = await read('oslo')
    assert.deepEqual(
      oslo.openAlerts.map(({ alert: name }) => name),
      ['polls-stopped'],
    )
    assert.equal(failsNow(oslo), true)
    assert.equal(failsNow({ ...oslo, openAlerts: [] }), false)
    assert.equal(failsNow(await read('bergen')), true)
  })

  it('is shown with what to do', async () => {
    const text = presentQuality(await read('oslo'), now).join('\n')
    assert.match(text, /WARN +WARN +completeness +0\.0 % +95 %; should be under 20 minutes/)
    assert.match(text, /PASS +FAIL +feed-age +66\.7 % +1 minutes\n/)
    assert.match(text, /What to do\n +completeness: See who is missing\./)
    assert.match(text, /s1 +silent-stations: old report; stuck-stations: unchanged/)
    assert.match(presentQuality(await read('nowhere'), now).join('\n'), /nothing was judged in the last 24 h/)
  })
})
