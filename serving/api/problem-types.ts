/**
 * Every way in which an answer can be other than what was asked for. A problem's `type` is `/problems/` and its name, an
 * address of the server itself, where its entry here is to be read; once released, a name keeps its meaning.
 */
export const problemTypes = {
  'unknown-route': {
    status: 404,
    title: 'There is no such route',
    meaning: 'The path or the method is not one of the interface. /docs lists them all.',
  },
  'unknown-system': {
    status: 404,
    title: 'There is no such system',
    meaning: 'The system is not configured here. GET /v1/systems lists those that are.',
  },
  'unknown-station': {
    status: 404,
    title: 'There is no such station',
    meaning: 'The operator does not list the station, and it has never reported.',
  },
  'unknown-problem': {
    status: 404,
    title: 'There is no such problem type',
    meaning: 'GET /problems lists them all.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request cannot be read',
    meaning: 'The path, the body or a header is not well formed.',
  },
  'not-acceptable': {
    status: 406,
    title: 'None of the accepted formats',
    meaning: 'The Accept header names no media type that the route answers in. The detail lists them.',
  },
  'invalid-parameter': {
    status: 422,
    title: 'A parameter is wrong',
    meaning: 'A value is outside what the parameter may be. The detail names it.',
  },
  'horizon-out-of-range': {
    status: 422,
    title: 'Too far ahead, or not ahead',
    meaning: 'Forecasts are for moments after the newest report, up to 168 hours ahead.',
  },
  'no-model': {
    status: 503,
    title: 'No model has been promoted yet',
    meaning: 'Nothing can be forecast before the first model. Asking again later helps.',
  },
  'model-unavailable': {
    status: 503,
    title: 'The model cannot be run at the moment',
    meaning:
      'This server has lost what runs its model, for want of memory perhaps, and tries each second to have it again. Asking again, or another server, helps.',
  },
  'station-not-reported': {
    status: 503,
    title: 'The station has not reported yet',
    meaning:
      'It is listed and has no history at all, so there is nothing to forecast from. One that has reported once is answered, marked short_history where its neighbours stand for its past.',
  },
  'too-many-listeners': {
    status: 503,
    title: 'Too many listen to events',
    meaning: 'This server keeps no more event streams open. Asking again later, or another server, helps.',
  },
  'internal-error': {
    status: 500,
    title: 'A bug',
    meaning: 'The log of the server holds the rest, under the request id.',
  },
} as const

export type ProblemName = keyof typeof problemTypes

export const problemTypeUri = (name: ProblemName): string => `/problems/${name}`
