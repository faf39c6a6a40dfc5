/** What every answer says of itself: the moment of its knowledge, its age, the model, and whether it is degraded and why. */
import { ageSeconds } from '../data-age.ts'
import type { Predictor, SystemPredictor } from '../predictor.ts'
import { isoTime } from '../present-forecast.ts'

export interface AboutAnswer {
  /** Epoch milliseconds of the newest knowledge; null before the first report. */
  asOf: number | null
  model: { name: string; version: string } | null
  reasons: readonly string[]
  now: number
}

export const dataAgeSeconds = ({ asOf, now }: Pick<AboutAnswer, 'asOf' | 'now'>): number | null =>
  asOf === null ? null : ageSeconds(asOf, now)

/** Of a whole system; `asOf` of one of its stations where the answer is of that alone. */
export const aboutSystem = (
  { knowledge, holder }: SystemPredictor,
  { clock, staleAfterMs }: Predictor,
  asOf: number | null = knowledge.vectors.newestAsOf(),
): AboutAnswer => {
  const now = clock.now()
  const promotion = holder.current()?.promotion
  const reasons: string[] = []
  if (asOf === null) reasons.push('no_features')
  else if (now - asOf > staleAfterMs) reasons.push('features_stale')
  if (!promotion) reasons.push('no_model')
  return {
    asOf,
    model: promotion ? { name: promotion.modelName, version: promotion.modelVersion } : null,
    reasons,
    now,
  }
}

export const presentHead = (about: AboutAnswer) => ({
  as_of: about.asOf === null ? null : isoTime(about.asOf),
  data_age_seconds: dataAgeSeconds(about),
  model: about.model,
  degraded: about.reasons.length > 0,
  reasons: [...about.reasons],
})
