import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Promotion, termsOf } from '../models/model-terms.ts'
import { presentMoment, presentTerms } from './present-models.ts'

const HOUR_MS = 3_600_000
const start = Date.UTC(2026, 5, 10, 2, 7, 3)

const first: Promotion = {
  modelName: 'velocast',
  modelVersion: '1',
  promotedAt: start,
  previousVersion: null,
  reason:
    'there is no champion to compare with: no model has been promoted yet, this is the first (RMSE 2.000)',
  metrics: { rmse: 2, rmse_1h: 1 },
  triggerId: 'oslo:daily:2026-06-10',
  trigger: { cause: 'DAILY', triggeredAt: start - HOUR_MS, requestedBy: null, evidence: {} },
}
const second: Promotion = {
  modelName: 'velocast',
  modelVersion: '10',
  promotedAt: start + 24 * HOUR_MS,
  previousVersion: '1',
  reason:
    "RMSE 1.900 beside the champion's 2.000: a gain of 5.00 %. By the rule significant it is promoted: …",
  metrics: { rmse: 1.9, mae: 1.2, rmse_1h: 0.9, gain: 0.05, gain_1h: 0.1, champion_rmse: 2 },
  triggerId: 'oslo:lost:1',
  trigger: { cause: 'LOST_SKILL', triggeredAt: start, requestedBy: null, evidence: { skill: -0.12 } },
}
const back: Promotion = {
  ...first,
  promotedAt: start + 48 * HOUR_MS,
  previousVersion: '10',
  reason: 'rollback, by kari: too high',
  triggerId: null,
  trigger: null,
}
const terms = termsOf(
  [first, second, back],
  [
    {
      modelVersion: '10',
      promotedAt: second.promotedAt,
      replicaId: 'api-1',
      isActivated: true,
      answeredAt: second.promotedAt + 900,
      detail: null,
    },
  ],
)

describe('models for the terminal', () => {
  it('are a table with the one that serves marked', () => {
    assert.deepEqual(presentTerms(terms, 20), [
      '   version  promoted at           until                 by          reason',
      '→  1        2026-06-12 02:07 UTC  now                   a person    rollback, by kari: too high',
      "   10       2026-06-11 02:07 UTC  2026-06-12 02:07 UTC  lost skill  RMSE 1.900 beside the champion's 2.000: a gain of 5.00 %",
      '   1        2026-06-10 02:07 UTC  2026-06-11 02:07 UTC  daily       there is no champion to compare with: no model has been promoted yet, this is the first (RMSE 2.000)',
    ])
  })

  it('that are many say how many more there are', () => {
    assert.equal(presentTerms(terms, 1).at(-1), 'and 2 older ones: --limit 3')
    assert.match(presentTerms([], 1)[0]!, /velocast train/)
  })

  it('at a moment are told with trigger, reason, evidence and end', () => {
    assert.deepEqual(presentMoment('oslo', terms, start + 30 * HOUR_MS), [
      'oslo at 2026-06-11 08:07:03 UTC: version 10 of velocast',
      '  promoted  2026-06-11 02:07:03 UTC in place of 1',
      '  until     2026-06-12 02:07:03 UTC, when 1 was promoted',
      '  by        lost skill, trigger oslo:lost:1',
      "  reason    RMSE 1.900 beside the champion's 2.000: a gain of 5.00 %. By the rule significant it is promoted: …",
      '  trigger   skill -0.12',
      '  evidence  rmse 1.9, mae 1.2, gain 0.05, gain_1h 0.1, champion_rmse 2',
      '  answered  api-1 with version 10 since 2026-06-11 02:07:03 UTC',
    ])
  })

  it('at a moment before the first are none', () => {
    assert.deepEqual(presentMoment('oslo', terms, start - 1), [
      'oslo at 2026-06-10 02:07:02 UTC: no model was live; the first was promoted at 2026-06-10 02:07:03 UTC',
    ])
  })

  it('that are promoted and not yet answered with say who answers with what', () => {
    const lines = presentMoment('oslo', terms, back.promotedAt)
    assert.match(lines.join('\n'), /until {5}now/)
    assert.match(lines.join('\n'), /api-1 with version 10 since .*, and not yet with 1$/)
  })
})
