/** The operator's trucks: they carry bikes from where too many are to where too few are, most of them at night. */
import type { CityConditions } from './city-conditions.ts'
import { type CityState, freeDocksAt, type Truck } from './city-state.ts'
import type { CityPlan } from './plan-city.ts'

const SHIFTS = { nightFrom: 21.5, nightUntil: 5.5, noonFrom: 11, noonUntil: 13 }
const TRUCK_HOLDS = 20
/** Not worth the drive below this; so what a truck does is a jump of at least five bikes in a minute. */
const LEAST_LOAD = 5
const LOADING_MINUTES = 8
const KM_PER_MINUTE = 0.4
/** To another station, when the one it went to had no room. */
const DETOUR_MINUTES = 10
/** How long a truck without work waits before it looks again. */
const IDLE_MINUTES = 15

export const driveTrucks = (
  plan: CityPlan,
  conditions: CityConditions,
  state: CityState,
  report: (station: number) => void,
): void => {
  for (let index = 0; index < state.trucks.length; index++) {
    const truck = state.trucks[index]!
    if (truck.freeAtMinute > state.minute) continue
    if (truck.destination !== null) {
      const { destination } = truck
      truck.destination = null
      truck.freeAtMinute = state.minute + LOADING_MINUTES
      if (conditions.isClosed[destination] === 0 && unload(plan, conditions, state, truck, destination))
        report(destination)
      continue
    }
    const load = truck.pedalBikes + truck.ebikes
    if (load > 0) {
      // Whatever the hour: bikes do not stay on a truck.
      const destination = mostInNeed(plan, conditions, state, 1) ?? emptiest(plan, conditions, state)
      send(truck, state.minute, destination, DETOUR_MINUTES)
    } else if (isOnShift(conditions.hourOfDay, index)) {
      const origin = collect(plan, conditions, state, truck)
      if (origin === null) truck.freeAtMinute = state.minute + IDLE_MINUTES
      else report(origin)
    } else truck.freeAtMinute = state.minute + IDLE_MINUTES
  }
}

/** All trucks at night, every second one at noon. */
const isOnShift = (hourOfDay: number, truckIndex: number): boolean =>
  hourOfDay >= SHIFTS.nightFrom ||
  hourOfDay < SHIFTS.nightUntil ||
  (truckIndex % 2 === 1 && hourOfDay >= SHIFTS.noonFrom && hourOfDay < SHIFTS.noonUntil)

/** Takes bikes where there are most to spare and sets off to where they lack most; null when nothing is worth it. */
const collect = (
  plan: CityPlan,
  conditions: CityConditions,
  state: CityState,
  truck: Truck,
): number | null => {
  const destination = mostInNeed(plan, conditions, state, LEAST_LOAD)
  const origin = extreme(plan, conditions, (station) => ridable(state, station) - target(plan, station))
  if (destination === null || origin === null || origin === destination) return null
  const spare = ridable(state, origin) - target(plan, origin)
  const load = Math.min(TRUCK_HOLDS, spare, lacks(plan, state)(destination))
  if (load < LEAST_LOAD) return null
  const ebikes = Math.min(
    state.ebikes[origin]!,
    Math.round((load * state.ebikes[origin]!) / ridable(state, origin)),
  )
  const pedalBikes = Math.min(load - ebikes, state.pedalBikes[origin]!)
  state.ebikes[origin]! -= ebikes
  state.pedalBikes[origin]! -= pedalBikes
  truck.ebikes = ebikes
  truck.pedalBikes = pedalBikes
  send(
    truck,
    state.minute,
    destination,
    LOADING_MINUTES + plan.distanceKm(origin, destination) / KM_PER_MINUTE,
  )
  return origin
}

/** Puts down what there is room for; the rest stays on the truck. Tells whether anything was put down. */
const unload = (
  plan: CityPlan,
  conditions: CityConditions,
  state: CityState,
  truck: Truck,
  station: number,
): boolean => {
  const room = freeDocksAt(plan, conditions, state, station)
  const pedalBikes = Math.min(truck.pedalBikes, room)
  const ebikes = Math.min(truck.ebikes, room - pedalBikes)
  state.pedalBikes[station]! += pedalBikes
  state.ebikes[station]! += ebikes
  truck.pedalBikes -= pedalBikes
  truck.ebikes -= ebikes
  return pedalBikes + ebikes > 0
}

const send = (truck: Truck, minute: number, destination: number | null, minutes: number): void => {
  truck.destination = destination
  truck.freeAtMinute = minute + Math.ceil(minutes)
}

const target = (plan: CityPlan, station: number): number => plan.stations[station]!.target

const ridable = (state: CityState, station: number): number =>
  state.pedalBikes[station]! + state.ebikes[station]!

/** Bikes that lack at a station; those on their way by truck count as there. */
const lacks = (plan: CityPlan, state: CityState): ((station: number) => number) => {
  const coming = new Map<number, number>()
  for (const { destination, pedalBikes, ebikes } of state.trucks)
    if (destination !== null) coming.set(destination, (coming.get(destination) ?? 0) + pedalBikes + ebikes)
  return (station) => target(plan, station) - ridable(state, station) - (coming.get(station) ?? 0)
}

const mostInNeed = (
  plan: CityPlan,
  conditions: CityConditions,
  state: CityState,
  atLeast: number,
): number | null => {
  const lackAt = lacks(plan, state)
  const station = extreme(plan, conditions, lackAt)
  return station !== null && lackAt(station) >= atLeast ? station : null
}

const emptiest = (plan: CityPlan, conditions: CityConditions, state: CityState): number | null =>
  extreme(plan, conditions, (station) => freeDocksAt(plan, conditions, state, station))

/** The open station where `value` is largest, or null when all are closed. */
const extreme = (
  plan: CityPlan,
  conditions: CityConditions,
  value: (station: number) => number,
): number | null => {
  let best: number | null = null
  let bestValue = Number.NEGATIVE_INFINITY
  for (let station = 0; station < plan.stations.length; station++) {
    if (conditions.isClosed[station] === 1) continue
    const here = value(station)
    if (here > bestValue) {
      best = station
      bestValue = here
    }
  }
  return best
}
