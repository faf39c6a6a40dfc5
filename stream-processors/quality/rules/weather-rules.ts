import type { WeatherObservation } from '@velocast/schemas'
import type { WeatherRule } from '../rule.ts'

const HOUR_MS = 60 * 60 * 1000

/** What has been measured on Earth, and a little more. */
const limits = {
  temperatureC: [-60, 58],
  feelsLikeC: [-80, 75],
  humidityPercent: [0, 100],
  windSpeedMps: [0, 115],
  precipitationMm: [0, 310],
  cloudCoverPercent: [0, 100],
  pressureHpa: [860, 1090],
  visibilityM: [0, 500_000],
} as const satisfies Partial<Record<keyof WeatherObservation, readonly [number, number]>>

const quantities = Object.keys(limits) as (keyof typeof limits)[]

/** Fronts bring down the temperature by 10 °C in an hour; more is a broken instrument, or another place. */
const STEEPEST_C_AN_HOUR = 15

export const weatherRules: readonly WeatherRule[] = [
  {
    applies: 'weather',
    name: 'weather-plausible',
    title: 'The weather can be true',
    severity: 'flag',
    vetoesTraining: true,
    warnAt: 1,
    failAt: 1,
    unit: 'values',
    meaning:
      'Values outside of what has been measured on Earth or in units that are not known, most of which the producer has made unknown already, and temperatures that jump by over 15 °C an hour.',
    whatToDo: 'Compare with another source; a provider that changes its units looks like this.',
    alert: { severity: 'WARNING', afterMinutes: 20, clearAfterMinutes: 90 },
    measure: ({ observations, previous, implausible }) =>
      // Of a poll that brought nothing there is nothing to be said, unless it brought what could not be believed.
      observations.length === 0 && implausible.count === 0
        ? null
        : observations.reduce((sum, observation) => {
            const outside = quantities.filter((name) => {
              const [low, high] = limits[name]
              return observation[name] < low || observation[name] > high
            })
            const isJump = jumps(observation, previous(observation))
            return sum + outside.length + Number(isJump)
          }, implausible.count),
    describe: ({ implausible: { example } }) => example && `For example ${example}`,
  },
  {
    applies: 'weather',
    name: 'weather-complete',
    title: 'The weather is all there',
    severity: 'count',
    vetoesTraining: false,
    warnAt: 40,
    failAt: 100,
    unit: '% of the values',
    meaning:
      'Values that the provider does not give, all of them where no place can be read; models do without, and are a little worse.',
    whatToDo:
      'Some providers leave out visibility or feels-like. When more is missing, look at its documents.',
    measure: ({ observations, hasFailed }) => {
      if (hasFailed) return 100
      const missing = observations.reduce(
        (sum, observation) => sum + quantities.filter((name) => Number.isNaN(observation[name])).length,
        0,
      )
      return observations.length === 0 ? null : (100 * missing) / (observations.length * quantities.length)
    },
  },
]

const jumps = (now: WeatherObservation, before: WeatherObservation | null): boolean => {
  if (!before || now.observedAt <= before.observedAt) return false
  const hours = Math.max(1, (now.observedAt - before.observedAt) / HOUR_MS)
  return Math.abs(now.temperatureC - before.temperatureC) > STEEPEST_C_AN_HOUR * hours
}
