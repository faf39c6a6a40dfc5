/**
 * Why people ride, when, and from where to where. The rates are what people want; what stations allow is the
 * business of `advance-minute.ts`, so that demand at an empty station is lost, not seen.
 */
import type { LocalTime } from '../local-time.ts'
import { createSmoothNoise } from '../weather/smooth-noise.ts'
import type { WeatherModel, WeatherMoment } from '../weather/weather-model.ts'
import type { CityPlan, District } from './plan-city.ts'

export interface Purpose {
  /** Cumulative weights of the stations where such trips begin and end; the last value is their sum. */
  origins: Float64Array
  destinations: Float64Array
}

export interface TravelDemand {
  purposes: readonly Purpose[]
  /** Trips wanted a minute, for each purpose, at this moment and in this weather. */
  tripsPerMinute: (at: number) => number[]
}

interface PurposeSpec {
  from: Record<District, number>
  to: Record<District, number>
  /** Relative rate by day (Monday 0 … Sunday 6) and hour of the day. */
  rate: (dayOfWeek: number, hour: number) => number
  /** How strongly weather changes it: 0 not at all, 1 as most trips. */
  weatherSensitivity: number
}

/** A bump around an hour of the day, that goes over midnight. */
const around = (hour: number, peak: number, width: number): number => {
  const distance = Math.min(Math.abs(hour - peak), 24 - Math.abs(hour - peak))
  return Math.exp(-((distance / width) ** 2) / 2)
}

const isWorkday = (dayOfWeek: number): boolean => dayOfWeek < 5
const isNightOut = (dayOfWeek: number): boolean => dayOfWeek === 5 || dayOfWeek === 6

const PURPOSES: readonly PurposeSpec[] = [
  {
    // To work.
    from: { residential: 1, station: 0.9, leisure: 0.12, office: 0.03 },
    to: { residential: 0.03, station: 0.35, leisure: 0.08, office: 1 },
    rate: (day, hour) => (isWorkday(day) ? (day === 4 ? 0.85 : 1) * around(hour, 8.2, 0.85) : 0),
    weatherSensitivity: 0.6,
  },
  {
    // From work.
    from: { residential: 0.03, station: 0.25, leisure: 0.1, office: 1 },
    to: { residential: 1, station: 0.9, leisure: 0.3, office: 0.03 },
    rate: (day, hour) => (isWorkday(day) ? 0.8 * around(hour, day === 4 ? 16.6 : 17.5, 1.2) : 0),
    weatherSensitivity: 0.7,
  },
  {
    // Errands and lunch.
    from: { residential: 0.6, station: 0.6, leisure: 0.6, office: 0.7 },
    to: { residential: 0.6, station: 0.6, leisure: 0.7, office: 0.6 },
    rate: (day, hour) =>
      isWorkday(day)
        ? 0.14 * around(hour, 12.8, 1) + 0.1 * around(hour, 14, 4)
        : 0.22 * around(hour, 13, 3.2),
    weatherSensitivity: 1,
  },
  {
    // Out for the evening, or on a free day.
    from: { residential: 0.9, station: 0.6, leisure: 0.15, office: 0.3 },
    to: { residential: 0.1, station: 0.2, leisure: 1, office: 0.05 },
    rate: (day, hour) => (isWorkday(day) ? 0.24 * around(hour, 19.2, 1.6) : 0.42 * around(hour, 14, 2.6)),
    weatherSensitivity: 1.3,
  },
  {
    // Home again.
    from: { residential: 0.1, station: 0.25, leisure: 1, office: 0.1 },
    to: { residential: 1, station: 0.5, leisure: 0.1, office: 0.03 },
    rate: (day, hour) =>
      (isWorkday(day) ? 0.22 * around(hour, 22, 1.5) : 0.42 * around(hour, 18.2, 2.6)) +
      (isNightOut(day) ? 0.12 * around(hour, 0.8, 1.2) : 0.01),
    weatherSensitivity: 1.1,
  },
]

const TRIPS_PER_BIKE_AND_DAY = 3.4
const DRIFT_KEY = 2
const DAY_MS = 86_400_000

export const planDemand = (plan: CityPlan, localTime: LocalTime, weather: WeatherModel): TravelDemand => {
  const scale = (TRIPS_PER_BIKE_AND_DAY * plan.fleet) / (1440 * meanRate())
  const smoothNoise = createSmoothNoise()
  const drift = (at: number): number =>
    1 +
    0.05 * smoothNoise(plan.seed, at, 26 * DAY_MS, DRIFT_KEY) +
    0.05 * smoothNoise(plan.seed, at, 1.3 * DAY_MS, DRIFT_KEY + 1)
  return {
    purposes: PURPOSES.map(({ from, to }) => ({
      origins: cumulativeWeights(plan, from),
      destinations: cumulativeWeights(plan, to),
    })),
    tripsPerMinute: (at) => {
      const day = localTime.dayOfWeek(at)
      const hour = localTime.hourOfDay(at)
      const comfort = comfortIn(weather.observedAt(at))
      const base = scale * drift(at)
      return PURPOSES.map(
        ({ rate, weatherSensitivity }) => base * rate(day, hour) * comfort ** weatherSensitivity,
      )
    },
  }
}

/** Trips wanted in this weather, relative to a mild dry day: rain, cold, heat and wind all lower it. */
export const comfortIn = (weather: WeatherMoment): number => {
  const rain = Math.exp(-0.5 * Math.min(weather.precipitationMmPerHour, 3))
  const cold = 0.3 + 0.8 / (1 + Math.exp(-(weather.temperatureC - 7) / 4.5))
  const heat = weather.temperatureC > 30 ? Math.exp(-(weather.temperatureC - 30) / 9) : 1
  const wind = Math.exp(-Math.max(0, weather.windMetresPerSecond - 6) / 14)
  return rain * cold * heat * wind
}

/** The mean over a week of all purposes' rates, to scale them to the fleet. */
const meanRate = (): number => {
  let sum = 0
  for (let day = 0; day < 7; day++)
    for (let hour = 0; hour < 24; hour++) for (const purpose of PURPOSES) sum += purpose.rate(day, hour)
  return sum / (7 * 24)
}

const cumulativeWeights = (plan: CityPlan, affinity: Record<District, number>): Float64Array => {
  let sum = 0
  return Float64Array.from(plan.stations, ({ district, popularity }) => {
    sum += affinity[district] * popularity
    return sum
  })
}
