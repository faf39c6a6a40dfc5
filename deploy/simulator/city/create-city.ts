/**
 * A city that answers for any moment: `(seed, options, moment) → state`, whatever was asked before.
 *
 * Each quarter of the year begins (UTC) with the overhaul: the whole fleet at its planned places, nobody under way.
 * So a moment is reached from the beginning of its quarter, and the same moment is the same after a restart a month
 * later, which a city that began "some days before now" would not be. On the way a copy is kept once a day: going
 * forward costs the minutes between, going back at most a day of them.
 */
import type { LocalTime } from '../local-time.ts'
import type { WeatherModel } from '../weather/weather-model.ts'
import { advanceMinute } from './advance-minute.ts'
import { type CityConditions, createConditions } from './city-conditions.ts'
import { type CityState, copyCity, restingCity } from './city-state.ts'
import type { CityPlan } from './plan-city.ts'
import { planDemand } from './travel-demand.ts'

export interface City {
  plan: CityPlan
  /** The state at the last whole minute not after `at`. It is the city's own: read it before asking again. */
  stateAt: (at: number) => CityState
  conditionsAt: (at: number) => CityConditions
}

export interface CityOptions {
  plan: CityPlan
  localTime: LocalTime
  weather: WeatherModel
  hasStationOutages?: boolean
}

const MINUTE_MS = 60_000
const MINUTES_A_DAY = 1440
/** Two quarters and a bit: a history of months can be read again without starting over. */
const CHECKPOINTS_KEPT = 200

export const createCity = ({ plan, localTime, weather, hasStationOutages = true }: CityOptions): City => {
  const demand = planDemand(plan, localTime, weather)
  const conditionsAt = createConditions({ plan, demand, localTime, hasStationOutages })
  const checkpoints = new Map<number, CityState>()
  let current: CityState | null = null

  const stateAt = (at: number): CityState => {
    const target = Math.floor(at / MINUTE_MS)
    const start = quarterStart(at)
    if (current === null || current.minute > target || current.minute < start)
      current = nearestCheckpoint(target, start)
    // Days may lie between: then a checkpoint further on saves them.
    else if (target - current.minute > MINUTES_A_DAY) {
      const nearest = nearestCheckpoint(target, start)
      if (nearest.minute > current.minute) current = nearest
    }
    while (current.minute < target) {
      if (current.minute % MINUTES_A_DAY === 0) keep(current)
      advanceMinute(plan, demand.purposes, conditionsAt(current.minute * MINUTE_MS), current)
    }
    return current
  }

  const nearestCheckpoint = (target: number, start: number): CityState => {
    for (let day = Math.floor(target / MINUTES_A_DAY); day * MINUTES_A_DAY >= start; day--) {
      const kept = checkpoints.get(day)
      if (kept) return copyCity(kept)
    }
    return restingCity(plan, start)
  }

  const keep = (state: CityState): void => {
    const day = state.minute / MINUTES_A_DAY
    if (checkpoints.has(day)) return
    if (checkpoints.size >= CHECKPOINTS_KEPT) {
      const oldest = checkpoints.keys().next()
      if (!oldest.done) checkpoints.delete(oldest.value)
    }
    checkpoints.set(day, copyCity(state))
  }

  return { plan, stateAt, conditionsAt }
}

/** The minute at which the quarter of the year that holds `at` begins. */
const quarterStart = (at: number): number => {
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3) / MINUTE_MS
}
