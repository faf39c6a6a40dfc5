import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decidePromotion, type PromotionEvidence } from './decide-promotion.ts'
import type { ModelMetrics } from './trainer-result.ts'

const horizonsHours = [0.5, 1, 3, 6, 12, 24, 72, 168]

/** A model whose error is `rmse` at every horizon but for those in `at`. */
const metricsOf = (
  rmse: number | null,
  at: Record<number, number> = {},
  rowsAt: Record<number, number> = {},
): ModelMetrics => ({
  overall: { rows: 800, rmse, mae: rmse, coverage90: 0.9 },
  byHorizon: horizonsHours.map((upToHours) => ({
    upToHours,
    rows: rowsAt[upToHours] ?? 100,
    rmse: at[upToHours] ?? rmse,
    mae: rmse,
    coverage90: 0.9,
  })),
})

const decide = (evidence: Partial<PromotionEvidence>) =>
  decidePromotion({
    policy: 'IF_BETTER',
    requestedBy: null,
    challenger: metricsOf(2),
    champion: metricsOf(2.1),
    championReason: null,
    ...evidence,
  })

describe('the decision', () => {
  it('promotes the first model, and says why there is nothing to compare with', () => {
    const decision = decide({ champion: null, championReason: 'no model has been promoted yet' })
    assert.equal(decision.isPromoted, true)
    assert.match(decision.reason, /no model has been promoted yet.*RMSE 2\.000/)
  })

  it('promotes when the champion cannot be scored', () => {
    assert.equal(decide({ champion: metricsOf(null) }).isPromoted, true)
  })

  it('promotes from a gain of half a per cent on, and not below', () => {
    assert.equal(decide({ challenger: metricsOf(1.9899), champion: metricsOf(2) }).isPromoted, true)
    const refused = decide({ challenger: metricsOf(1.991), champion: metricsOf(2) })
    assert.equal(refused.isPromoted, false)
    assert.match(refused.reason, /RMSE 1\.991 beside the champion's 2\.000 .* a gain of 0\.45 %/)
  })

  it('does not promote a model that is the champion again', () => {
    assert.equal(decide({ champion: metricsOf(2) }).isPromoted, false)
  })

  it('does not let a large gain pay for one band of horizons that got worse', () => {
    const decision = decide({ challenger: metricsOf(1, { 3: 2.14, 6: 2.14 }) })
    assert.equal(decision.isPromoted, false)
    assert.match(decision.reason, /but worse up to 6 h by 1\.90 %/)
  })

  it('allows a band to be worse by one per cent', () => {
    assert.equal(decide({ challenger: metricsOf(1, { 3: 2.12, 6: 2.12 }) }).isPromoted, true)
  })

  it('weighs the horizons of a band by their rows', () => {
    const challenger = metricsOf(1, { 12: 4 }, { 12: 1, 24: 999 })
    assert.equal(decide({ challenger, champion: metricsOf(2) }).isPromoted, true)
    const other = metricsOf(1, { 12: 4 }, { 12: 999, 24: 1 })
    assert.equal(decide({ challenger: other, champion: metricsOf(2) }).isPromoted, false)
  })

  it('does what a person asks for, and names the person', () => {
    const decision = decide({
      policy: 'ALWAYS',
      requestedBy: 'kari',
      challenger: metricsOf(5),
      champion: metricsOf(1),
    })
    assert.equal(decision.isPromoted, true)
    assert.match(decision.reason, /asked for by kari/)
  })

  it('promotes nothing that was not measured, whoever asks', () => {
    const challenger = metricsOf(null)
    assert.equal(decide({ challenger, policy: 'ALWAYS' }).isPromoted, false)
    assert.equal(decide({ challenger, champion: null }).isPromoted, false)
  })
})
