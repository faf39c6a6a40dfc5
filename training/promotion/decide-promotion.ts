/** Whether a new model replaces the one that serves: pure, so that a decision can be made again from its evidence. */

import type { ModelMetrics } from '@velocast/promotion'
import type { PromotionPolicy } from '@velocast/schemas'
import type { Comparison } from './trainer-result.ts'

/** Which of the two rules decides; both are judged, and both verdicts are told. */
export type PromotionRule = 'significant' | 'flat5'

export interface PromotionEvidence {
  policy: PromotionPolicy
  rule: PromotionRule
  requestedBy: string | null
  challenger: ModelMetrics
  /** The champion on the challenger's test rows; null when there is none, or none that can be scored. */
  champion: ModelMetrics | null
  /** The two on the same rows, day by day; absent from a trainer that makes no bootstrap. */
  comparison?: Comparison | undefined
  /** Nothing has ever been promoted for the system. */
  isFirstModel: boolean
  /** Why there is no champion to compare with. */
  championReason: string | null
}

export interface PromotionDecision {
  isPromoted: boolean
  /** In a sentence, with the numbers. */
  reason: string
  /** The numbers by name, for the record; a verdict is 1 or 0. Empty where nothing was compared. */
  figures: Record<string, number>
}

/** The least gain in RMSE over all test rows. */
const LEAST_GAIN = 0.005
/** That of the flat rule. */
const FLAT_GAIN = 0.05
/** A band of horizons may be worse by this much, and no more. */
const WORST_LOSS = 0.01
/** Of the intervals that are to hold nine times out of ten. */
const COVERAGE = { least: 0.88, most: 0.92 } as const
/** A bootstrap of whole days says nothing of fewer. */
const LEAST_DAYS = 3
/** Horizons that are compared one by one, hours; each bucket counts to the first band whose end it does not pass. */
const BANDS_UP_TO_HOURS = [1, 6, 24, 168]

export const decidePromotion = (evidence: PromotionEvidence): PromotionDecision => {
  const { policy, rule, requestedBy, challenger, champion } = evidence
  const rmse = challenger.overall.rmse
  if (rmse === null)
    return {
      isPromoted: false,
      reason: 'no test row has a known number of bikes: there is nothing to judge by',
      figures: {},
    }
  const asked = `asked for by ${requestedBy ?? 'a person'}, whatever the comparison says`
  if (champion === null || champion.overall.rmse === null) {
    const why = `${whyNotCompared(evidence)} (RMSE ${bikes(rmse)})`
    return { isPromoted: true, reason: policy === 'ALWAYS' ? `${asked}: ${why}` : why, figures: {} }
  }

  const compared = compare(challenger, champion, champion.overall.rmse, rmse, evidence.comparison)
  const verdicts = {
    significant: judgeSignificant(compared),
    flat5: judgeFlat(1 - rmse / champion.overall.rmse),
  }
  const decisive = verdicts[rule]
  const other = rule === 'significant' ? 'flat5' : 'significant'
  const measured =
    `RMSE ${bikes(rmse)} beside the champion's ${bikes(champion.overall.rmse)} on the same ` +
    `${challenger.overall.rows} rows: a gain of ${percent(compared.gain)}`
  const told = `${measured}${say(rule, decisive)}${say(other, verdicts[other])}`
  return {
    isPromoted: policy === 'ALWAYS' || decisive.promotes,
    reason: policy === 'ALWAYS' ? `${asked}. ${told}` : told,
    figures: {
      champion_rmse: champion.overall.rmse,
      ...(champion.overall.mae === null ? {} : { champion_mae: champion.overall.mae }),
      ...compared.figures,
      promotes_significant: Number(verdicts.significant.promotes),
      promotes_flat5: Number(verdicts.flat5.promotes),
    },
  }
}

const whyNotCompared = ({ champion, isFirstModel, championReason }: PromotionEvidence): string => {
  if (isFirstModel)
    return 'there is no champion to compare with: no model has been promoted yet, this is the first'
  if (champion !== null)
    return 'the champion has no forecast of any test row: there is nothing to compare with'
  return `the champion cannot be compared with: ${championReason ?? 'none serves'}`
}

interface Compared {
  /** By how much the RMSE over all test rows is lower, as a share of the champion's. */
  gain: number
  bands: { upToHours: number; gain: number }[]
  /** Null where there are too few days for one. */
  bootstrap: { days: number; lower95: number; coverage90: number } | null
  whyNoBootstrap: string
  figures: Record<string, number>
}

const compare = (
  challenger: ModelMetrics,
  champion: ModelMetrics,
  championRmse: number,
  rmse: number,
  comparison: Comparison | undefined,
): Compared => {
  const isEnough = comparison !== undefined && comparison.days >= LEAST_DAYS
  const gain = isEnough ? comparison.gain : 1 - rmse / championRmse
  const bands = isEnough ? comparison.byBand : bandsOf(challenger, champion)
  return {
    gain,
    bands,
    bootstrap: isEnough ? comparison : null,
    whyNoBootstrap: comparison
      ? `too few days for a bootstrap, ${comparison.days} of at least ${LEAST_DAYS}`
      : 'without a bootstrap of days',
    figures: {
      gain,
      ...Object.fromEntries(bands.map((band) => [`gain_${band.upToHours}h`, band.gain])),
      ...(comparison ? { compared_days: comparison.days } : {}),
      ...(isEnough ? { gain_lower95: comparison.lower95, compared_coverage90: comparison.coverage90 } : {}),
    },
  }
}

interface Verdict {
  promotes: boolean
  why: string
}

/** Better beyond chance, by enough to matter, nowhere much worse, and with intervals that hold as often as they say. */
const judgeSignificant = ({ gain, bands, bootstrap, whyNoBootstrap }: Compared): Verdict => {
  const worse = bands.filter((band) => band.gain < -WORST_LOSS)
  const against = [
    ...(gain < LEAST_GAIN ? [`${percent(LEAST_GAIN)} are asked for`] : []),
    ...(worse.length > 0
      ? [`worse ${worse.map((band) => `up to ${band.upToHours} h by ${percent(-band.gain)}`).join(', ')}`]
      : []),
    ...(bootstrap && !(bootstrap.lower95 > 0)
      ? [
          `over ${bootstrap.days} days it may be chance, the lower bound at 95 % being ${percent(bootstrap.lower95)}`,
        ]
      : []),
    ...(bootstrap && !isWithin(bootstrap.coverage90, COVERAGE)
      ? [
          `${percent(bootstrap.coverage90)} of what came was within the 90 % intervals, where ` +
            `${percent(COVERAGE.least)} to ${percent(COVERAGE.most)} are allowed`,
        ]
      : []),
  ]
  const beyondChance = bootstrap
    ? `at least ${percent(bootstrap.lower95)} at 95 % over ${bootstrap.days} days`
    : whyNoBootstrap
  if (against.length > 0)
    return {
      promotes: false,
      why: [...against, ...(bootstrap ? [] : [whyNoBootstrap])].join('; '),
    }
  return {
    promotes: true,
    why: `${beyondChance}, and no band of horizons is worse by more than ${percent(WORST_LOSS)}`,
  }
}

const judgeFlat = (gain: number): Verdict => ({
  promotes: gain >= FLAT_GAIN,
  why: `${percent(FLAT_GAIN)} are asked for`,
})

const say = (rule: PromotionRule, { promotes, why }: Verdict): string =>
  `. By the rule ${rule} ${promotes ? 'it is promoted' : 'it is not promoted'}: ${why}`

const bandsOf = (challenger: ModelMetrics, champion: ModelMetrics): Compared['bands'] =>
  BANDS_UP_TO_HOURS.flatMap((upToHours, index) => {
    const aboveHours = BANDS_UP_TO_HOURS[index - 1] ?? 0
    const mine = rmseWithin(challenger, aboveHours, upToHours)
    const theirs = rmseWithin(champion, aboveHours, upToHours)
    return mine === null || theirs === null || theirs === 0 ? [] : [{ upToHours, gain: 1 - mine / theirs }]
  })

const rmseWithin = ({ byHorizon }: ModelMetrics, aboveHours: number, upToHours: number): number | null => {
  const inBand = byHorizon.filter(
    (bucket) => bucket.upToHours > aboveHours && bucket.upToHours <= upToHours && bucket.rmse !== null,
  )
  const rows = inBand.reduce((sum, bucket) => sum + bucket.rows, 0)
  if (rows === 0) return null
  return Math.sqrt(inBand.reduce((sum, bucket) => sum + bucket.rows * bucket.rmse! ** 2, 0) / rows)
}

const isWithin = (value: number, { least, most }: { least: number; most: number }): boolean =>
  value >= least && value <= most

const bikes = (value: number): string => value.toFixed(3)
const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
