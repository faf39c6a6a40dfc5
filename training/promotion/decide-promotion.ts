/** Whether a new model replaces the one that serves: pure, so that a decision can be made again from its evidence. */
import type { PromotionPolicy } from '@velocast/schemas'
import type { ModelMetrics } from './trainer-result.ts'

export interface PromotionEvidence {
  policy: PromotionPolicy
  requestedBy: string | null
  challenger: ModelMetrics
  /** The champion on the challenger's test rows; null when there is none, or none that can be scored. */
  champion: ModelMetrics | null
  /** Why there is no champion to compare with. */
  championReason: string | null
}

export interface PromotionDecision {
  isPromoted: boolean
  /** In a sentence, with the numbers. */
  reason: string
}

/** The least gain in RMSE over all test rows. */
const LEAST_GAIN = 0.005
/** A horizon may be worse by this much, and no more. */
const WORST_LOSS = 0.01
/** Horizons that are compared one by one, hours; each bucket counts to the first band whose end it does not pass. */
const BANDS_UP_TO_HOURS = [1, 6, 24, 168]

export const decidePromotion = (evidence: PromotionEvidence): PromotionDecision => {
  const { policy, requestedBy, challenger, champion, championReason } = evidence
  const rmse = challenger.overall.rmse
  if (rmse === null)
    return {
      isPromoted: false,
      reason: 'no test row has a known number of bikes: there is nothing to judge by',
    }
  if (policy === 'ALWAYS')
    return {
      isPromoted: true,
      reason: `asked for by ${requestedBy ?? 'a person'}, whatever the comparison says (RMSE ${bikes(rmse)})`,
    }
  if (champion === null || champion.overall.rmse === null)
    return {
      isPromoted: true,
      reason: `there is no champion to compare with: ${championReason ?? 'none serves'} (RMSE ${bikes(rmse)})`,
    }

  const gain = 1 - rmse / champion.overall.rmse
  const compared = `RMSE ${bikes(rmse)} beside the champion's ${bikes(champion.overall.rmse)} on the same ${challenger.overall.rows} rows`
  if (gain < LEAST_GAIN)
    return {
      isPromoted: false,
      reason: `${compared}: a gain of ${percent(gain)}, and ${percent(LEAST_GAIN)} are asked for`,
    }
  const worse = BANDS_UP_TO_HOURS.flatMap((upToHours, index) => {
    const loss = lossIn(challenger, champion, BANDS_UP_TO_HOURS[index - 1] ?? 0, upToHours)
    return loss > WORST_LOSS ? [`up to ${upToHours} h by ${percent(loss)}`] : []
  })
  if (worse.length > 0) return { isPromoted: false, reason: `${compared}, but worse ${worse.join(', ')}` }
  return {
    isPromoted: true,
    reason: `${compared}: a gain of ${percent(gain)}, and no band of horizons is worse by more than ${percent(WORST_LOSS)}`,
  }
}

/** By how much the challenger's squared error in a band is larger, as a share of the champion's RMSE. */
const lossIn = (
  challenger: ModelMetrics,
  champion: ModelMetrics,
  aboveHours: number,
  upToHours: number,
): number => {
  const mine = rmseWithin(challenger, aboveHours, upToHours)
  const theirs = rmseWithin(champion, aboveHours, upToHours)
  return mine === null || theirs === null || theirs === 0 ? 0 : mine / theirs - 1
}

const rmseWithin = ({ byHorizon }: ModelMetrics, aboveHours: number, upToHours: number): number | null => {
  const inBand = byHorizon.filter(
    (bucket) => bucket.upToHours > aboveHours && bucket.upToHours <= upToHours && bucket.rmse !== null,
  )
  const rows = inBand.reduce((sum, bucket) => sum + bucket.rows, 0)
  if (rows === 0) return null
  return Math.sqrt(inBand.reduce((sum, bucket) => sum + bucket.rows * bucket.rmse! ** 2, 0) / rows)
}

const bikes = (value: number): string => value.toFixed(3)
const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
