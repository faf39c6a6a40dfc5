import type { ForecastOutcome } from '../answer-forecast.ts'
import { HttpProblem } from '../http-problem.ts'
import type { ProblemName } from '../problem-types.ts'

type Failure = Extract<ForecastOutcome, { ok: false }>

export const problemNameOf = ({ reason }: Failure): ProblemName =>
  reason === 'no-model' ? 'no-model' : 'station-not-reported'

/** No model of the system has been promoted, as a 503. */
export const noModelProblem = (systemId: string): HttpProblem =>
  new HttpProblem(503, `No model has been promoted yet for system "${systemId}".`, 'no-model')

/** Why something cannot be forecast, as a 503. */
export const problemOf = (failure: Failure): HttpProblem =>
  new HttpProblem(503, failure.detail, problemNameOf(failure))
