/**
 * The weather of one place: what is observed at a moment, and what was forecast for a moment by the run issued at
 * another. Both are pure functions of seed, place and time.
 *
 * The truth is climate (season, time of day) plus noise on three scales. A forecast has the same climate and shares
 * with the truth what can be known at its lead: of each scale's noise a part that fades with the lead, the small
 * scales first; the rest is an error that changes slowly from run to run, as real models' errors do.
 */
import type { LocalTime } from '../local-time.ts'
import { blend, createSmoothNoise } from './smooth-noise.ts'

export interface WeatherMoment {
  temperatureC: number
  humidityPercent: number
  windMetresPerSecond: number
  gustMetresPerSecond: number
  windDirectionDegrees: number
  pressureHpa: number
  cloudPercent: number
  /** Rate of rain or melted snow. */
  precipitationMmPerHour: number
  precipitationProbability: number
  isSnow: boolean
}

export interface WeatherModel {
  observedAt: (at: number) => WeatherMoment
  /** The forecast for `validAt` by the run of the hour `issuedAt`; for a moment not after it, what was observed. */
  forecastFor: (validAt: number, issuedAt: number) => WeatherMoment
}

export interface WeatherModelOptions {
  seed: number
  latitude: number
  localTime: LocalTime
}

const HOUR_MS = 3_600_000

/** One scale of the noise: how large its features are and how far ahead they can be foreseen. */
const SCALES = [
  { scaleMs: 84 * HOUR_MS, foreseenMs: 170 * HOUR_MS },
  { scaleMs: 20 * HOUR_MS, foreseenMs: 60 * HOUR_MS },
  { scaleMs: 4 * HOUR_MS, foreseenMs: 9 * HOUR_MS },
] as const

/** How much of each scale goes into a quantity, in its unit. */
const WEIGHTS = {
  temperature: [3.4, 1.6, 0.5],
  wetness: [0.75, 0.6, 0.35],
  wind: [0.35, 0.3, 0.2],
  pressure: [7, 3, 0.5],
} as const

const LAYERS = { temperature: 10, wetness: 20, wind: 30, pressure: 40, direction: 50 } as const
const ERROR_LAYERS = 100
const ERROR_SEED = 7_000_000
/** Consecutive runs differ by a fraction of their error, not by a new one. */
const RUN_MEMORY_MS = 15 * HOUR_MS
/** It rains where wetness is above this: about 10 % of the time. */
const RAIN_THRESHOLD = 1.3

export const createWeatherModel = ({ seed, latitude, localTime }: WeatherModelOptions): WeatherModel => {
  const climate = climateOf(latitude, localTime)
  const smoothNoise = createSmoothNoise()

  /** An error with variance about 1 that varies along the forecast and, slowly, from run to run. */
  const runError = (validAt: number, issuedAt: number, scaleMs: number, layer: number): number => {
    const position = issuedAt / RUN_MEMORY_MS
    const stretch = Math.floor(position)
    return blend(
      smoothNoise(seed + ERROR_SEED + stretch, validAt, scaleMs, layer),
      smoothNoise(seed + ERROR_SEED + stretch + 1, validAt, scaleMs, layer),
      position - stretch,
    )
  }

  const noise = (
    quantity: 'temperature' | 'wetness' | 'wind' | 'pressure',
    validAt: number,
    issuedAt: number,
  ): { value: number; unforeseen: number } => {
    const lead = Math.max(0, validAt - issuedAt)
    let value = 0
    let unforeseenVariance = 0
    for (let scale = 0; scale < SCALES.length; scale++) {
      const { scaleMs, foreseenMs } = SCALES[scale]!
      const weight = WEIGHTS[quantity][scale]!
      const layer = LAYERS[quantity] + scale
      const truth = smoothNoise(seed, validAt, scaleMs, layer)
      if (lead === 0) {
        value += weight * truth
        continue
      }
      const known = Math.exp(-lead / foreseenMs)
      const errorShare = Math.sqrt(1 - known * known)
      const error = runError(validAt, issuedAt, scaleMs, ERROR_LAYERS + layer)
      value += weight * (known * truth + errorShare * error)
      unforeseenVariance += (weight * errorShare) ** 2
    }
    return { value, unforeseen: Math.sqrt(unforeseenVariance) }
  }

  const momentFor = (validAt: number, issuedAt: number): WeatherMoment => {
    const wetness = noise('wetness', validAt, issuedAt)
    const { meanC, dailySwingC } = climate(validAt)
    const rainMmPerHour = Math.max(0, wetness.value - RAIN_THRESHOLD) * 3.2
    const cloudPercent = Math.round(clamp(45 + 38 * wetness.value, 0, 100))
    // Clouds flatten the day.
    const temperatureC =
      meanC +
      dailySwingC * (1 - 0.5 * (cloudPercent / 100)) +
      noise('temperature', validAt, issuedAt).value -
      Math.min(2.5, rainMmPerHour)
    const wind = 3.6 * Math.exp(noise('wind', validAt, issuedAt).value)
    return {
      temperatureC,
      humidityPercent: Math.round(clamp(68 + 13 * wetness.value - 2.2 * dailySwingC, 18, 100)),
      windMetresPerSecond: wind,
      gustMetresPerSecond: wind * (1.6 + 0.25 * Math.max(0, wetness.value)),
      windDirectionDegrees: Math.round(
        (((230 + 70 * smoothNoise(seed, validAt, 30 * HOUR_MS, LAYERS.direction)) % 360) + 360) % 360,
      ),
      pressureHpa: 1015 + noise('pressure', validAt, issuedAt).value - 4 * wetness.value,
      cloudPercent,
      precipitationMmPerHour: rainMmPerHour,
      precipitationProbability: chanceAbove(RAIN_THRESHOLD, wetness.value, wetness.unforeseen),
      isSnow: temperatureC < 0.5,
    }
  }

  return {
    observedAt: (at) => momentFor(at, at),
    forecastFor: (validAt, issuedAt) => momentFor(validAt, issuedAt),
  }
}

/** Mean temperature by latitude and season, and the day's swing around it: warmest in mid-afternoon. */
const climateOf =
  (latitude: number, localTime: LocalTime) =>
  (at: number): { meanC: number; dailySwingC: number } => {
    const distance = Math.abs(latitude)
    const hemisphere = latitude < 0 ? -1 : 1
    const season = hemisphere * Math.cos(2 * Math.PI * (localTime.yearFraction(at) - 0.55))
    const swing = 2.6 + 1.3 * season
    return {
      meanC: 30.5 - 0.4 * distance + 0.19 * distance * season,
      dailySwingC: swing * Math.cos((2 * Math.PI * (localTime.hourOfDay(at) - 15)) / 24),
    }
  }

/** Chance that a quantity is above `threshold` when it is forecast as `value` with this standard error (logistic). */
const chanceAbove = (threshold: number, value: number, standardError: number): number =>
  standardError === 0
    ? value > threshold
      ? 1
      : 0
    : 1 / (1 + Math.exp((-1.7 * (value - threshold)) / standardError))

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
