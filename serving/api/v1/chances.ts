/** How likely a bike or a dock is at stations at a moment. */
import type { ForecastOutcome } from '../answer-forecast.ts'
import type { Predictor, SystemPredictor } from '../predictor.ts'
import { isoTime } from '../present-forecast.ts'
import { rounded } from '../rounded.ts'
import type { AboutAnswer } from './answer-head.ts'
import type { Chance, Question } from './availability-schemas.ts'
import { nearestTo, type Place, type PlacedStation } from './nearest.ts'
import { stationIdsOf, stationOf } from './station-directory.ts'

const bikeChance = ['p_bike', 'bikes_mean'] as const
const dockChance = ['p_dock', 'docks_mean'] as const

/** The chances at each station, along the stations; why there is none where it cannot be forecast. */
export const chancesAt = async (
  predictor: Predictor,
  system: SystemPredictor,
  stations: readonly PlacedStation[],
  targetAt: number,
  query: Pick<Question, 'need' | 'likely_from'>,
): Promise<(Chance | Extract<ForecastOutcome, { ok: false }>)[]> => {
  const outcomes = await predictor.forecastMany(
    system,
    stations.map(({ stationId }) => ({
      stationId,
      quantities: query.need === 'bike' ? bikeChance : dockChance,
      targetsFrom: () => [targetAt],
    })),
  )
  return outcomes.map((outcome, index) => {
    if (!outcome.ok) return outcome
    const { asOf, values, reasons } = outcome.answer
    const isBike = query.need === 'bike'
    const probability = (isBike ? values.p_bike : values.p_dock)[0]!
    const expected = (isBike ? values.bikes_mean : values.docks_mean)[0]!
    const { stationId, name, latitude, longitude, distanceMetres } = stations[index]!
    return {
      station_id: stationId,
      name,
      latitude,
      longitude,
      distance_metres: distanceMetres,
      as_of: isoTime(asOf),
      probability: rounded(probability),
      expected: Number.isNaN(expected) ? null : rounded(expected),
      likely: probability >= query.likely_from,
      degraded: reasons.length > 0,
      reasons,
    }
  })
}

/** Stations near a place, the nearest first, that have reported before the moment that is asked about. */
export const nearby = (
  { knowledge }: SystemPredictor,
  place: Place,
  targetAt: number,
  query: { within_metres: number },
  but?: string,
): PlacedStation[] => {
  const others = stationIdsOf(knowledge)
    .filter(
      (stationId) => stationId !== but && (knowledge.vectors.get(stationId)?.asOf ?? targetAt) < targetAt,
    )
    .map((stationId) => stationOf(knowledge, stationId))
  return nearestTo(place, others).filter(({ distanceMetres }) => distanceMetres <= query.within_metres)
}

export const isChance = (each: Chance | ForecastOutcome): each is Chance => 'probability' in each

/** The nearest where it is likely, else the likeliest. */
export const suggestionFrom = (nearestFirst: readonly Chance[]): string | null => {
  const likely = nearestFirst.find((each) => each.likely)
  if (likely) return likely.station_id
  let best: Chance | null = null
  for (const each of nearestFirst)
    if (each.probability > (best?.probability ?? Number.NEGATIVE_INFINITY)) best = each
  return best?.station_id ?? null
}

export const aboutChances = (about: AboutAnswer, chances: readonly Chance[]): AboutAnswer => ({
  ...about,
  reasons: [...new Set([...about.reasons, ...chances.flatMap(({ reasons }) => reasons)])],
})
