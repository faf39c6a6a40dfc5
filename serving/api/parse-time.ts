import { HttpProblem } from './http-problem.ts'

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** Epoch milliseconds of an ISO 8601 time; one without an offset is UTC. A 422 says which field is wrong. */
export const parseTime = (text: string, field: string): number => {
  const normal = text.trim().replace(' ', 'T').toUpperCase()
  const hasOffset = /T.*(Z|[+-]\d{2}:?\d{2})$/.test(normal)
  const epochMs = ISO_8601.test(normal)
    ? Date.parse(hasOffset ? normal : normal.includes('T') ? `${normal}Z` : normal)
    : Number.NaN
  if (Number.isNaN(epochMs))
    throw new HttpProblem(
      422,
      `${field} "${text}" is not an ISO 8601 time, such as 2026-05-04T08:00:00Z.`,
      'invalid-parameter',
    )
  return epochMs
}
