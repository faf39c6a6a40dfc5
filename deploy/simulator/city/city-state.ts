import type { CityConditions } from './city-conditions.ts'
import type { CityPlan } from './plan-city.ts'

/**
 * Everything that changes in a city. It is advanced in place, a minute at a time, by `advanceMinute`; whoever keeps
 * one (a checkpoint) keeps a copy.
 */
export interface CityState {
  /** Minutes since 1970; what happens before this minute has happened. */
  minute: number
  /** Bikes that can be ridden, by station. */
  pedalBikes: Uint16Array
  ebikes: Uint16Array
  /** Bikes that wait at the station for a mechanic: not available, but each in a dock. */
  brokenPedalBikes: Uint16Array
  brokenEbikes: Uint16Array
  /** When each station last spoke to the operator, epoch seconds. */
  reportedSeconds: Float64Array
  /** Trips under way by the minute of arrival, modulo the ring's length. */
  arrivals: Trip[][]
  trucks: Truck[]
  /** Departures wanted that no bike was there for, since the beginning of the quarter. */
  lostDepartures: number
  trips: number
}

export interface Trip {
  destination: number
  isElectric: boolean
}

export interface Truck {
  /** The minute at which it is where it is going, or looks for work. */
  freeAtMinute: number
  /** The station that it brings its load to, or null. */
  destination: number | null
  pedalBikes: number
  ebikes: number
}

/** No trip, and no detour to the next free dock, is longer than this ring. */
export const ARRIVAL_RING_MINUTES = 128

/** The city with the whole fleet at its planned places and nobody under way. */
export const restingCity = (plan: CityPlan, minute: number): CityState => {
  const ebikes = plan.stations.map(({ target }) => Math.round(target * plan.ebikeShare))
  return {
    minute,
    pedalBikes: Uint16Array.from(plan.stations, ({ target }, index) => target - ebikes[index]!),
    ebikes: Uint16Array.from(ebikes),
    brokenPedalBikes: new Uint16Array(plan.stations.length),
    brokenEbikes: new Uint16Array(plan.stations.length),
    reportedSeconds: new Float64Array(plan.stations.length).fill(minute * 60),
    arrivals: Array.from({ length: ARRIVAL_RING_MINUTES }, () => []),
    trucks: Array.from({ length: plan.truckCount }, () => ({
      freeAtMinute: minute,
      destination: null,
      pedalBikes: 0,
      ebikes: 0,
    })),
    lostDepartures: 0,
    trips: 0,
  }
}

export const copyCity = (state: CityState): CityState => ({
  minute: state.minute,
  pedalBikes: state.pedalBikes.slice(),
  ebikes: state.ebikes.slice(),
  brokenPedalBikes: state.brokenPedalBikes.slice(),
  brokenEbikes: state.brokenEbikes.slice(),
  reportedSeconds: state.reportedSeconds.slice(),
  // A trip is never changed once begun: copies may share it.
  arrivals: state.arrivals.map((trips) => trips.slice()),
  trucks: state.trucks.map((truck) => ({ ...truck })),
  lostDepartures: state.lostDepartures,
  trips: state.trips,
})

/** Bikes that stand in a dock of this station, ridable or not. */
export const bikesAt = (state: CityState, station: number): number =>
  state.pedalBikes[station]! +
  state.ebikes[station]! +
  state.brokenPedalBikes[station]! +
  state.brokenEbikes[station]!

/** Docks that can take a bike now. */
export const freeDocksAt = (
  plan: CityPlan,
  conditions: CityConditions,
  state: CityState,
  station: number,
): number =>
  Math.max(
    0,
    plan.stations[station]!.capacity - bikesAt(state, station) - conditions.docksOutOfOrder[station]!,
  )

/** The whole fleet, counted where it is. Equal to the plan's fleet at every minute. */
export const countFleet = (state: CityState): { parked: number; riding: number; onTrucks: number } => ({
  parked: state.pedalBikes.reduce((sum, _, station) => sum + bikesAt(state, station), 0),
  riding: state.arrivals.reduce((sum, trips) => sum + trips.length, 0),
  onTrucks: state.trucks.reduce((sum, truck) => sum + truck.pedalBikes + truck.ebikes, 0),
})
