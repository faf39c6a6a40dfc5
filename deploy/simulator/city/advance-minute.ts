/**
 * One minute of the city: arrivals, departures, trucks, mechanics, reports. All randomness of a minute is drawn from
 * a stream keyed by that minute, so that a city restored from a checkpoint goes on exactly as it went.
 */
import { type Draw, drawsFor, fractionOf, poissonFrom } from '../seeded-random.ts'
import type { CityConditions } from './city-conditions.ts'
import { ARRIVAL_RING_MINUTES, type CityState, freeDocksAt, type Trip } from './city-state.ts'
import { driveTrucks } from './drive-trucks.ts'
import type { CityPlan } from './plan-city.ts'
import type { Purpose } from './travel-demand.ts'

const MINUTE_KEY = 21
const REPORT_KEY = 22
const REPAIR_KEY = 23

/** A station speaks up when something changes, and every ten minutes anyway. */
const HEARTBEAT_MINUTES = 10
const BREAKS_ON_RETURN = 0.004
const PREFERS_EBIKE = 0.55
const WALKS_TO_NEXT_STATION = 0.35
const DETOUR_MINUTES = 4
const REPAIR_HOURS = { from: 1, until: 5 }
/** Of the stations with broken bikes, how many a mechanic gets to in a quarter of an hour of the night. */
const REPAIRED_A_QUARTER = 0.06

export const advanceMinute = (
  plan: CityPlan,
  purposes: readonly Purpose[],
  conditions: CityConditions,
  state: CityState,
): void => {
  const draw = drawsFor(plan.seed, MINUTE_KEY, state.minute)
  land(plan, conditions, state, draw)
  for (let index = 0; index < purposes.length; index++) {
    const wanted = poissonFrom(draw, conditions.tripsPerMinute[index]!)
    for (let trip = 0; trip < wanted; trip++) depart(plan, purposes[index]!, conditions, state, draw)
  }
  driveTrucks(plan, conditions, state, (station) => report(plan, conditions, state, station))
  if (state.minute % 15 === 0) repair(plan, conditions, state)
  for (
    let station = state.minute % HEARTBEAT_MINUTES;
    station < plan.stations.length;
    station += HEARTBEAT_MINUTES
  )
    report(plan, conditions, state, station)
  state.minute++
}

const land = (plan: CityPlan, conditions: CityConditions, state: CityState, draw: Draw): void => {
  const slot = state.minute % ARRIVAL_RING_MINUTES
  const due = state.arrivals[slot]!
  state.arrivals[slot] = []
  for (const trip of due) {
    const isOpen = (station: number): boolean =>
      conditions.isClosed[station] === 0 && freeDocksAt(plan, conditions, state, station) > 0
    if (!isOpen(trip.destination)) {
      // A full station sends the rider on: to the next that has a dock, or round the block and back.
      const next = plan.neighbours[trip.destination]!.find(isOpen) ?? trip.destination
      rideUntil(state, state.minute + DETOUR_MINUTES, { ...trip, destination: next })
      continue
    }
    const breaks = draw() < BREAKS_ON_RETURN
    const places = trip.isElectric
      ? breaks
        ? state.brokenEbikes
        : state.ebikes
      : breaks
        ? state.brokenPedalBikes
        : state.pedalBikes
    places[trip.destination]!++
    report(plan, conditions, state, trip.destination)
  }
}

const depart = (
  plan: CityPlan,
  purpose: Purpose,
  conditions: CityConditions,
  state: CityState,
  draw: Draw,
): void => {
  const wanted = pick(purpose.origins, draw)
  const hasBike = (station: number): boolean =>
    conditions.isClosed[station] === 0 && state.pedalBikes[station]! + state.ebikes[station]! > 0
  const origin = hasBike(wanted)
    ? wanted
    : draw() < WALKS_TO_NEXT_STATION
      ? plan.neighbours[wanted]!.slice(0, 2).find(hasBike)
      : undefined
  if (origin === undefined) {
    state.lostDepartures++
    return
  }
  const isElectric = state.pedalBikes[origin] === 0 || (state.ebikes[origin]! > 0 && draw() < PREFERS_EBIKE)
  const places = isElectric ? state.ebikes : state.pedalBikes
  places[origin]!--
  const destination = pickDestination(plan, purpose, origin, draw)
  rideUntil(state, state.minute + rideMinutes(plan.distanceKm(origin, destination), isElectric, draw), {
    destination,
    isElectric,
  })
  state.trips++
  report(plan, conditions, state, origin)
}

/** By weight, but rather a place one can ride to in a quarter of an hour: far ones are drawn again. */
const pickDestination = (plan: CityPlan, purpose: Purpose, origin: number, draw: Draw): number => {
  let destination = origin
  for (let attempt = 0; attempt < 6; attempt++) {
    destination = pick(purpose.destinations, draw)
    const km = plan.distanceKm(origin, destination)
    if (destination !== origin && draw() < Math.exp(-Math.abs(km - 1.8) / 2)) break
  }
  return destination
}

const rideMinutes = (km: number, isElectric: boolean, draw: Draw): number => {
  const kmPerMinute = isElectric ? 0.27 : 0.21
  const minutes = 2 + (km * 1.3 * (0.8 + 0.6 * draw())) / kmPerMinute + (draw() < 0.06 ? 40 * draw() : 0)
  return Math.min(ARRIVAL_RING_MINUTES - 1, Math.max(3, Math.round(minutes)))
}

const rideUntil = (state: CityState, minute: number, trip: Trip): void => {
  state.arrivals[minute % ARRIVAL_RING_MINUTES]!.push(trip)
}

const repair = (plan: CityPlan, conditions: CityConditions, state: CityState): void => {
  if (conditions.hourOfDay < REPAIR_HOURS.from || conditions.hourOfDay >= REPAIR_HOURS.until) return
  for (let station = 0; station < plan.stations.length; station++) {
    if (state.brokenPedalBikes[station] === 0 && state.brokenEbikes[station] === 0) continue
    if (fractionOf(plan.seed, REPAIR_KEY, station, state.minute) >= REPAIRED_A_QUARTER) continue
    state.pedalBikes[station]! += state.brokenPedalBikes[station]!
    state.ebikes[station]! += state.brokenEbikes[station]!
    state.brokenPedalBikes[station] = 0
    state.brokenEbikes[station] = 0
    report(plan, conditions, state, station)
  }
}

/** The station speaks to the operator, at some second of this minute; a station that is missing does not. */
const report = (plan: CityPlan, conditions: CityConditions, state: CityState, station: number): void => {
  if (conditions.isMissing[station] === 1) return
  state.reportedSeconds[station] =
    state.minute * 60 + Math.floor(60 * fractionOf(plan.seed, REPORT_KEY, station, state.minute))
}

/** An index drawn by cumulative weights. */
const pick = (cumulative: Float64Array, draw: Draw): number => {
  const sought = draw() * cumulative[cumulative.length - 1]!
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (cumulative[middle]! > sought) high = middle
    else low = middle + 1
  }
  return low
}
