import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideVeto, type RuleRecord } from './decide-veto.ts'

const limits = { historyShare: 0.2, lastDayShare: 0.5, leastJudged: 8 }
const record = (changes: Partial<RuleRecord>): RuleRecord => ({
  rule: 'feed-age',
  judged: 1_000,
  failed: 0,
  judgedLastDay: 96,
  failedLastDay: 0,
  ...changes,
})

describe('the veto', () => {
  it('lets data through that fails now and then', () => {
    assert.equal(decideVeto([], limits), null)
    assert.equal(decideVeto([record({ failed: 200, failedLastDay: 48 })], limits), null)
  })

  it('names the rule, how often it failed, and how often it may', () => {
    assert.match(
      decideVeto([record({ failed: 201 }), record({ rule: 'completeness' })], limits)!.reason,
      /^vetoed .*: feed-age failed in 20\.1 % of 1000 checks of the history, where 20 % are allowed\. `velocast quality`/,
    )
    assert.match(
      decideVeto([record({ failed: 60, failedLastDay: 60 })], limits)!.reason,
      /failed in 62\.5 % of 96 checks of the last day, where 50 % are allowed/,
    )
  })

  it('keeps the numbers', () => {
    const veto = decideVeto([record({ failed: 300, failedLastDay: 60 })], limits)
    assert.deepEqual(veto?.figures, {
      vetoes: 2,
      'failed_share feed-age, the last day': 0.625,
      'failed_share feed-age, the history': 0.3,
    })
  })

  it('says nothing on a handful of checks', () => {
    assert.equal(
      decideVeto([record({ judged: 7, failed: 7, judgedLastDay: 7, failedLastDay: 7 })], limits),
      null,
    )
  })
})
