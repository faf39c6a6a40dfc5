import { HttpProblem } from './http-problem.ts'
import type { Predictor, SystemPredictor } from './predictor.ts'
import type { ProblemName } from './problem-types.ts'

/** The configured system, or a 404. */
export const knownSystem = (
  { systems }: Predictor,
  systemId: string,
  type: ProblemName | null = null,
): SystemPredictor => {
  const system = systems.get(systemId)
  if (!system)
    throw new HttpProblem(404, `There is no system "${systemId}". GET /v1/systems lists them.`, type)
  return system
}
