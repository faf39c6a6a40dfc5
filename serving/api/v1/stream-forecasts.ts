/** Forecasts of many stations as a stream: one group of stations is in memory, and others get their turn between two. */
import { setImmediate } from 'node:timers/promises'
import { forecastTargets } from '../forecast-targets.ts'
import type { Predictor, SystemPredictor } from '../predictor.ts'
import { problemTypeUri } from '../problem-types.ts'
import type { ForecastQuery } from './forecast-query.ts'
import type { ForecastWriter, Unavailable } from './forecast-writer.ts'
import { problemNameOf } from './outcome-problem.ts'
import { columnsOf } from './quantities.ts'

/** Rows of one group: two stations of a day. The event loop is held while their rows are made and their answers written. */
const rowsAGroup = 48

export interface StreamForecastsOptions {
  predictor: Predictor
  system: SystemPredictor
  stationIds: readonly string[]
  query: ForecastQuery
  writer: ForecastWriter
  /** Epoch milliseconds at which the answer began: all stations have the same targets, as far as their reports agree. */
  now: number
}

export async function* streamForecasts({
  predictor,
  system,
  stationIds,
  query,
  writer,
  now,
}: StreamForecastsOptions): AsyncGenerator<string | Buffer> {
  const { hours, step_minutes } = query
  const quantities = columnsOf(query.quantity)
  const unavailable: Unavailable[] = []
  const groupSize = Math.max(1, Math.floor(rowsAGroup / ((hours * 60) / step_minutes)))
  yield* filled(writer.begin())
  for (let from = 0; from < stationIds.length; from += groupSize) {
    await setImmediate()
    const group = stationIds.slice(from, from + groupSize)
    const outcomes = await predictor.forecastMany(
      system,
      group.map((stationId) => ({
        stationId,
        quantities,
        targetsFrom: (asOf) => forecastTargets(asOf, now, hours, step_minutes),
      })),
    )
    for (const [index, outcome] of outcomes.entries())
      if (!outcome.ok)
        unavailable.push({
          station_id: group[index]!,
          type: problemTypeUri(problemNameOf(outcome)),
          detail: outcome.detail,
        })
    yield* filled(writer.stations(outcomes.flatMap((outcome) => (outcome.ok ? [outcome.answer] : []))))
  }
  yield* filled(writer.end(unavailable))
}

/** A stream takes an empty piece for its end. */
const filled = (piece: string | Buffer): (string | Buffer)[] => (piece.length > 0 ? [piece] : [])
