/** Stations, several moments each, one model. */
import { defaultGuardMs, forecastAsOf, weatherLocationOf } from '@velocast/features'
import {
  type ForecastQuantity,
  forecastQuantities,
  forecastStations,
  type StationForecast,
  type StationToForecast,
} from '@velocast/inference'
import type { WeatherForecast } from '@velocast/schemas'
import { ageSeconds } from './data-age.ts'
import { hourMs } from './forecast-targets.ts'
import type { Knowledge } from './knowledge.ts'
import type { ServingModel } from './load-model.ts'
import type { ModelHolder } from './model-holder.ts'
import type { ShadowScoring } from './shadow-scoring.ts'

/** Why an answer is worse than it should be. */
export type DegradedReason =
  | 'features_stale'
  | 'weather_forecast_missing'
  | 'horizon_beyond_training'
  /** Of what is usual at some target the station itself has seen nothing: its neighbours stand for it. */
  | 'short_history'

export interface ForecastAnswer {
  stationId: string
  asOf: number
  dataAgeSeconds: number
  capacity: number | null
  targets: readonly number[]
  /** Along the targets. */
  values: StationForecast
  model: ServingModel
  reasons: DegradedReason[]
}

export type ForecastOutcome =
  | { ok: true; answer: ForecastAnswer }
  | { ok: false; reason: 'no-model' | 'no-features'; detail: string }

export interface AnswerForecastOptions {
  knowledge: Knowledge
  holder: Pick<ModelHolder<ServingModel>, 'use'>
  now: number
  /** Knowledge older than this makes an answer degraded. */
  staleAfterMs: number
  /** Given what the model in use is given. */
  shadow?: ShadowScoring | undefined
}

export interface ForecastQuestion {
  stationId: string
  /** Epoch milliseconds, as a function of the moment whose knowledge is there. */
  targetsFrom: (asOf: number) => readonly number[]
  /** What is asked for; other values of the answer may be NaN. Everything by default. */
  quantities?: readonly ForecastQuantity[]
  /** Replaces what is known of the weather to come. */
  changeWeather?: (known: WeatherForecast | null, asOf: number) => WeatherForecast | null
}

/** The model, the vector and the weather are taken at one moment; a promotion during the scoring changes nothing. */
export const answerForecast = async (
  options: AnswerForecastOptions,
  question: ForecastQuestion,
): Promise<ForecastOutcome> => (await answerForecasts(options, [question]))[0]!

/** Several questions, answered by one model in one run of it; the outcomes run along the questions. */
export const answerForecasts = async (
  { knowledge, holder, now, staleAfterMs, shadow }: AnswerForecastOptions,
  questions: readonly ForecastQuestion[],
): Promise<ForecastOutcome[]> => {
  const starts = questions.map((question) => startFrom(knowledge, question))
  const stations = starts.filter((start) => start !== null)
  const quantities = quantitiesOf(questions)
  const answering =
    stations.length > 0
      ? holder.use(async (model) => {
          const values = forecastStations(model.bundle, stations, quantities)
          shadow?.offer(stations, quantities, values)
          return { model, values: await values }
        })
      : null
  const answered = await answering
  let next = 0
  return starts.map((start, index): ForecastOutcome => {
    if (!start) return notReported(questions[index]!.stationId)
    if (!answered) return noModel(knowledge.system.systemId)
    const { model } = answered
    const values = answered.values[next++]!
    const { stationId, asOf, capacity, targets } = start
    const dataAgeSeconds = ageSeconds(asOf, now)
    const reasons: DegradedReason[] = []
    if (now - asOf > staleAfterMs) reasons.push('features_stale')
    if (!start.weatherForecast) reasons.push('weather_forecast_missing')
    if (values.isFromNeighbours.includes(true)) reasons.push('short_history')
    const horizonHours = ((targets.at(-1) ?? asOf) - asOf) / hourMs
    if (horizonHours > model.bundle.manifest.maxHorizonHours + SLACK_HOURS)
      reasons.push('horizon_beyond_training')
    return {
      ok: true,
      answer: { stationId, asOf, dataAgeSeconds, capacity, targets, values, model, reasons },
    }
  })
}

/** What any of them asks for. */
const quantitiesOf = ([first, ...others]: readonly ForecastQuestion[]): readonly ForecastQuantity[] => {
  const quantities = first?.quantities ?? forecastQuantities
  if (others.every((other) => other.quantities === first?.quantities)) return quantities
  return [...new Set([first!, ...others].flatMap(({ quantities = forecastQuantities }) => quantities))]
}

/** What a question is answered from, or null where there is nothing yet. */
const startFrom = (
  knowledge: Knowledge,
  { stationId, targetsFrom, changeWeather = (known) => known }: ForecastQuestion,
): (StationToForecast & { stationId: string }) | null => {
  const { vectors, calendar, system } = knowledge
  const station = vectors.get(stationId)
  // Changes are forecast, from the bikes now: a vector without them is none.
  if (!station || Number.isNaN(station.vector[vectors.featureNames.indexOf('bikes')])) return null
  const { asOf, vector } = station
  const locationId = weatherLocationOf(system.weatherLocations, vector)
  const known = forecastAsOf(knowledge.weatherForecasts(), asOf, defaultGuardMs, locationId)
  return {
    stationId,
    vector,
    asOf,
    capacity: capacityOf(knowledge, stationId, vector),
    targets: targetsFrom(asOf),
    weatherForecast: changeWeather(known, asOf),
    calendar,
    past: knowledge.past.of(stationId),
  }
}

const notReported = (stationId: string): ForecastOutcome => ({
  ok: false,
  reason: 'no-features',
  detail: `Station "${stationId}" has not reported yet. Ask again after its first report.`,
})

const noModel = (systemId: string): ForecastOutcome => ({
  ok: false,
  reason: 'no-model',
  detail: `No model has been promoted yet for system "${systemId}". Train one (velocast train), or wait for the daily training.`,
})

/** Targets lie on the grid of slots, up to half a slot from a whole number of hours after `asOf`. */
const SLACK_HOURS = 0.25

const capacityOf = (knowledge: Knowledge, stationId: string, vector: Float32Array): number | null => {
  const asOfVector = vector[knowledge.vectors.featureNames.indexOf('capacity')] ?? Number.NaN
  return Number.isNaN(asOfVector) ? (knowledge.stations.get(stationId)?.capacity ?? null) : asOfVector
}
