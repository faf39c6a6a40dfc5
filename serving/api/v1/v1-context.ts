import { HttpProblem } from '../http-problem.ts'
import { isKnownStation } from '../knowledge.ts'
import { knownSystem } from '../known-system.ts'
import type { Predictor, SystemPredictor } from '../predictor.ts'
import type { SystemRecords } from '../system-records.ts'
import type { AnswerCache } from './answer-cache.ts'

/** What the routes of `/v1` share. */
export interface V1Context {
  readonly predictor: Predictor
  readonly cache: AnswerCache
  /** What was published lately about a system; nothing, where nobody follows the topics. */
  readonly recordsOf: (systemId: string) => SystemRecords
  /** The configured system, or a 404. */
  readonly systemOf: (systemId: string) => SystemPredictor
}

export const createV1Context = (parts: Omit<V1Context, 'systemOf'>): V1Context => ({
  ...parts,
  systemOf: (systemId) => knownSystem(parts.predictor, systemId, 'unknown-system'),
})

/** Passes a station that the operator lists or that has reported; else a 404. */
export const checkStation = ({ knowledge }: SystemPredictor, stationId: string): void => {
  const { systemId } = knowledge.system
  if (!isKnownStation(knowledge, stationId))
    throw new HttpProblem(
      404,
      `System "${systemId}" has no station "${stationId}". GET /v1/systems/${systemId}/stations lists them.`,
      'unknown-station',
    )
}
