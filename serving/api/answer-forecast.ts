/** One station, several moments, one model. */
import { defaultGuardMs, forecastAsOf, weatherLocationOf } from '@velocast/features'
import { forecastStation, type StationForecast } from '@velocast/inference'
import type { WeatherForecast } from '@velocast/schemas'
import { hourMs } from './forecast-targets.ts'
import type { Knowledge } from './knowledge.ts'
import type { ServingModel } from './load-model.ts'
import type { ModelHolder } from './model-holder.ts'

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
  holder: ModelHolder<ServingModel>
  now: number
  /** Knowledge older than this makes an answer degraded. */
  staleAfterMs: number
}

export interface ForecastQuestion {
  stationId: string
  /** Epoch milliseconds, as a function of the moment whose knowledge is there. */
  targetsFrom: (asOf: number) => readonly number[]
  /** Replaces what is known of the weather to come. */
  changeWeather?: (known: WeatherForecast | null, asOf: number) => WeatherForecast | null
}

/** The model, the vector and the weather are taken at one moment; a promotion during the scoring changes nothing. */
export const answerForecast = async (
  { knowledge, holder, now, staleAfterMs }: AnswerForecastOptions,
  { stationId, targetsFrom, changeWeather = (known) => known }: ForecastQuestion,
): Promise<ForecastOutcome> => {
  const { vectors, calendar, system } = knowledge
  const station = vectors.get(stationId)
  // Changes are forecast, from the bikes now: a vector without them is none.
  if (!station || Number.isNaN(station.vector[vectors.featureNames.indexOf('bikes')]))
    return {
      ok: false,
      reason: 'no-features',
      detail: `Station "${stationId}" has not reported yet. Ask again after its first report.`,
    }
  const { asOf, vector } = station
  const targets = targetsFrom(asOf)
  const answering = holder.use(async (model): Promise<ForecastOutcome> => {
    const { bundle } = model
    const locationId = weatherLocationOf(system.weatherLocations, vector)
    const known = forecastAsOf(knowledge.weatherForecasts(), asOf, defaultGuardMs, locationId)
    const weatherForecast = changeWeather(known, asOf)
    const capacity = capacityOf(knowledge, stationId, vector)
    const values = await forecastStation({
      bundle,
      vector,
      asOf,
      capacity,
      targets,
      weatherForecast,
      calendar,
      past: knowledge.past.of(stationId),
    })
    const reasons: DegradedReason[] = []
    if (now - asOf > staleAfterMs) reasons.push('features_stale')
    if (!weatherForecast) reasons.push('weather_forecast_missing')
    if (values.isFromNeighbours.includes(true)) reasons.push('short_history')
    const horizonHours = ((targets.at(-1) ?? asOf) - asOf) / hourMs
    if (horizonHours > bundle.manifest.maxHorizonHours + SLACK_HOURS) reasons.push('horizon_beyond_training')
    const dataAgeSeconds = Math.max(0, Math.round((now - asOf) / 1000))
    return {
      ok: true,
      answer: { stationId, asOf, dataAgeSeconds, capacity, targets, values, model, reasons },
    }
  })
  return (
    answering ?? {
      ok: false,
      reason: 'no-model',
      detail: `No model has been promoted yet for system "${system.systemId}". Train one (velocast train), or wait for the daily training.`,
    }
  )
}

/** Targets lie on the grid of slots, up to half a slot from a whole number of hours after `asOf`. */
const SLACK_HOURS = 0.25

const capacityOf = (knowledge: Knowledge, stationId: string, vector: Float32Array): number | null => {
  const asOfVector = vector[knowledge.vectors.featureNames.indexOf('capacity')] ?? Number.NaN
  return Number.isNaN(asOfVector) ? (knowledge.stations.get(stationId)?.capacity ?? null) : asOfVector
}
