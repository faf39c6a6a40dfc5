/** What this process has answered since its start: counted here, kept nowhere. */
export interface RequestFigures {
  readonly requests: number
  /** Answered with 4xx. */
  readonly clientErrors: number
  /** Answered with 5xx. */
  readonly serverErrors: number
  readonly predictions: number
  readonly forecasts: number
  /** Of all requests; 0 before the first. */
  readonly averageResponseMs: number
}

/** `prediction`: of one moment. `forecast`: hour by hour. */
export type ForecastKind = 'prediction' | 'forecast'

export interface RequestCounter {
  /** A request for predictions or forecasts has been answered, with or without them. */
  readonly answered: (status: number, elapsedMs: number) => void
  /** One prediction or forecast has been made; a request may ask for several. */
  readonly made: (kind: ForecastKind) => void
  readonly figures: () => RequestFigures
}

export const createRequestCounter = (): RequestCounter => {
  const made: Record<ForecastKind, number> = { prediction: 0, forecast: 0 }
  let requests = 0
  let clientErrors = 0
  let serverErrors = 0
  let totalMs = 0
  return {
    answered: (status, elapsedMs) => {
      requests++
      totalMs += elapsedMs
      if (status >= 500) serverErrors++
      else if (status >= 400) clientErrors++
    },
    made: (kind) => {
      made[kind]++
    },
    figures: () => ({
      requests,
      clientErrors,
      serverErrors,
      predictions: made.prediction,
      forecasts: made.forecast,
      averageResponseMs: requests === 0 ? 0 : totalMs / requests,
    }),
  }
}
