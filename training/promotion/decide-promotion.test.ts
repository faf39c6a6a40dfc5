import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ModelMetrics } from '@velocast/promotion'
import { decidePromotion, type PromotionEvidence } from './decide-promotion.ts'
import type { Comparison } from './trainer-result.ts'

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
    rule: 'significant',
    requestedBy: null,
    challenger: metricsOf(2),
    champion: metricsOf(2.1),
    isFirstModel: false,
    championReason: null,
    ...evidence,
  })

/** A comparison in favour of the challenger, of 4.76 % as the metrics say. */
const comparisonOf = (changes: Partial<Comparison> = {}): Comparison => ({
  days: 14,
  gain: 1 - 2 / 2.1,
  lower95: 0.021,
  coverage90: 0.9,
  byBand: [
    { upToHours: 1, gain: 0.01 },
    { upToHours: 24, gain: -0.005 },
  ],
  ...changes,
})

describe('the decision', () => {
  it('promotes the first model, and says why there is nothing to compare with', () => {
    const decision = decide({
      champion: null,
      isFirstModel: true,
      championReason: 'no model has been promoted yet',
    })
    assert.equal(decision.isPromoted, true)
    assert.match(decision.reason, /no model has been promoted yet, this is the first \(RMSE 2\.000\)/)
    assert.deepEqual(decision.figures, {})
  })

  it('promotes when no champion can be had, and says what is the matter with it', () => {
    const championReason = 'the manifest of version 3 is not the one that was promoted'
    const decision = decide({ champion: null, championReason })
    assert.equal(decision.isPromoted, true)
    assert.match(decision.reason, /^the champion cannot be compared with: the manifest of version 3 is not/)
  })

  it("promotes when the champion's features are gone, and names them", () => {
    const championReason = "the data set no longer has the champion's features lag_24h, wind"
    const decision = decide({ champion: null, championReason })
    assert.equal(decision.isPromoted, true)
    assert.match(decision.reason, /^the champion cannot be compared with: .* features lag_24h, wind/)
  })

  it('promotes when the champion has no forecast of any row', () => {
    const decision = decide({ champion: metricsOf(null) })
    assert.equal(decision.isPromoted, true)
    assert.match(decision.reason, /^the champion has no forecast of any test row/)
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
    assert.match(decision.reason, /worse up to 6 h by 1\.90 %/)
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

  it('of too few days decides by the plain comparison, and says so', () => {
    // The bootstrap itself would be against it.
    const few = comparisonOf({ days: 2, lower95: -0.1, gain: -1 })
    const decision = decide({ comparison: few })
    assert.equal(decision.isPromoted, true)
    assert.match(decision.reason, /a gain of 4\.76 %.*too few days for a bootstrap, 2 of at least 3/)
    assert.equal(decision.figures.compared_days, 2)
    assert.equal('gain_lower95' in decision.figures, false)
    const refused = decide({ comparison: few, champion: metricsOf(2) })
    assert.equal(refused.isPromoted, false)
    assert.match(refused.reason, /too few days/)
    assert.equal(decide({ comparison: comparisonOf({ days: 3, lower95: -0.1 }) }).isPromoted, false)
  })

  it('tells both verdicts and keeps their numbers, whichever rule decides', () => {
    const comparison = comparisonOf()
    const significant = decide({ comparison })
    assert.equal(
      significant.reason,
      "RMSE 2.000 beside the champion's 2.100 on the same 800 rows: a gain of 4.76 %. By the rule significant it is " +
        'promoted: at least 2.10 % at 95 % over 14 days, and no band of horizons is worse by more than 1.00 %. By the ' +
        'rule flat5 it is not promoted: 5.00 % are asked for',
    )
    const flat = decide({ comparison, rule: 'flat5' })
    assert.deepEqual([significant.isPromoted, flat.isPromoted], [true, false])
    assert.deepEqual(flat.figures, significant.figures)
    assert.deepEqual(flat.figures, {
      champion_rmse: 2.1,
      champion_mae: 2.1,
      gain: comparison.gain,
      gain_1h: 0.01,
      gain_24h: -0.005,
      compared_days: 14,
      gain_lower95: 0.021,
      compared_coverage90: 0.9,
      promotes_significant: 1,
      promotes_flat5: 0,
    })
  })

  it('by the flat rule promotes from five per cent on, whatever else is said', () => {
    const comparison = comparisonOf({ lower95: -1, coverage90: 0.5 })
    assert.equal(
      decide({ rule: 'flat5', comparison, challenger: metricsOf(1.9), champion: metricsOf(2) }).isPromoted,
      true,
    )
    assert.equal(
      decide({ rule: 'flat5', comparison, challenger: metricsOf(1.901), champion: metricsOf(2) }).isPromoted,
      false,
    )
  })

  const objections: [string, Partial<Comparison>, RegExp][] = [
    ['a gain that may be chance', { lower95: 0 }, /over 14 days it may be chance, .* being 0\.00 %/],
    ['a gain too small to matter', { gain: 0.0049 }, /0\.50 % are asked for/],
    [
      'a band that is worse by more than one per cent',
      { byBand: [{ upToHours: 168, gain: -0.0101 }] },
      /worse up to 168 h by 1\.01 %/,
    ],
    ['intervals that are too narrow', { coverage90: 0.879 }, /87\.90 % of what came was within/],
    ['intervals that are too wide', { coverage90: 0.921 }, /92\.10 % of what came was within/],
    ['a bound that is not a number', { lower95: Number.NaN }, /may be chance/],
  ]
  for (const [what, changes, words] of objections)
    it(`refuses ${what}`, () => {
      const decision = decide({ comparison: comparisonOf(changes) })
      assert.equal(decision.isPromoted, false)
      assert.match(decision.reason, words)
      assert.equal(decision.figures.promotes_significant, 0)
    })

  it('allows what is just within the bounds', () => {
    for (const changes of [
      { coverage90: 0.88 },
      { coverage90: 0.92 },
      { gain: 0.005 },
      { lower95: 0.0001 },
      { byBand: [{ upToHours: 6, gain: -0.01 }] },
    ])
      assert.equal(decide({ comparison: comparisonOf(changes) }).isPromoted, true, JSON.stringify(changes))
  })

  it('tells a person who asks for it what the comparison says', () => {
    const decision = decide({
      policy: 'ALWAYS',
      requestedBy: 'kari',
      comparison: comparisonOf({ lower95: -0.01 }),
    })
    assert.equal(decision.isPromoted, true)
    assert.match(decision.reason, /^asked for by kari.*RMSE 2\.000 beside.*significant it is not promoted/)
    assert.equal(decision.figures.promotes_significant, 0)
  })
})
