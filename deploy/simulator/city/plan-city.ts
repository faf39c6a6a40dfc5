import { type Draw, drawsFor, normalFrom } from '../seeded-random.ts'
import { nameStations } from './name-stations.ts'

export type District = 'residential' | 'office' | 'leisure' | 'station'

export interface PlannedStation {
  stationId: string
  name: string
  district: District
  latitude: number
  longitude: number
  capacity: number
  /** How busy it is among its kind; 1 is usual. */
  popularity: number
  /** Bikes that the operator wants here in the morning, of both kinds. */
  target: number
}

export interface CityPlan {
  seed: number
  stations: readonly PlannedStation[]
  /** Bikes of the whole fleet: in stations, in trips and on trucks, always. */
  fleet: number
  /** Chance that a bike of the fleet is electric. */
  ebikeShare: number
  truckCount: number
  /** Each station's nearest others, nearest first. */
  neighbours: readonly (readonly number[])[]
  distanceKm: (from: number, to: number) => number
}

export interface CityPlanOptions {
  seed: number
  stations: number
  centre: { latitude: number; longitude: number }
  ebikeShare?: number
}

interface DistrictPlan {
  district: District
  share: number
  /** Distance from the centre, km, in a city of 60 stations, and its spread. */
  distanceKm: number
  spreadKm: number
  /** Part of the docks that the operator fills for the morning. */
  fill: number
}

const DISTRICTS: readonly DistrictPlan[] = [
  { district: 'residential', share: 0.48, distanceKm: 2.7, spreadKm: 0.8, fill: 0.72 },
  { district: 'office', share: 0.22, distanceKm: 0.5, spreadKm: 0.5, fill: 0.28 },
  { district: 'leisure', share: 0.18, distanceKm: 1.8, spreadKm: 0.5, fill: 0.45 },
  { district: 'station', share: 0.12, distanceKm: 1.2, spreadKm: 0.4, fill: 0.6 },
]

const NEIGHBOURS_KEPT = 6
const STATIONS_PER_TRUCK = 30
const KM_PER_DEGREE = 111.32
const PLAN_KEY = 1

/** The unchanging part of a city: where its stations are, how large, how busy, and the fleet. */
export const planCity = ({ seed, stations: count, centre, ebikeShare = 0.3 }: CityPlanOptions): CityPlan => {
  if (!Number.isInteger(count) || count < 4)
    throw new RangeError(`A city needs at least 4 stations, one of each district, not ${count}.`)
  const draw = drawsFor(seed, PLAN_KEY)
  const districts = shareOut(count)
  const names = nameStations(count, draw)
  // The same density of stations in a city of any size.
  const scale = Math.sqrt(count / 60)
  const places = districts.map((district) => place(district, scale, draw))
  const kmPerLongitude = KM_PER_DEGREE * Math.cos((centre.latitude * Math.PI) / 180)
  const stations = districts.map(({ district, fill }, index): PlannedStation => {
    const capacity = Math.round(13 + 22 * draw() ** 1.6)
    return {
      stationId: String(1001 + index),
      name: names[index]!,
      district,
      latitude: round(centre.latitude + places[index]!.northKm / KM_PER_DEGREE, 6),
      longitude: round(centre.longitude + places[index]!.eastKm / kmPerLongitude, 6),
      capacity,
      popularity: Math.exp(0.45 * normalFrom(draw)),
      target: Math.round(capacity * fill),
    }
  })
  const distanceKm = (from: number, to: number): number =>
    Math.hypot(places[from]!.eastKm - places[to]!.eastKm, places[from]!.northKm - places[to]!.northKm)
  return {
    seed,
    stations,
    fleet: stations.reduce((sum, station) => sum + station.target, 0),
    ebikeShare,
    truckCount: Math.ceil(count / STATIONS_PER_TRUCK),
    neighbours: stations.map((_, index) => nearestTo(index, count, distanceKm)),
    distanceKm,
  }
}

/** A district for each station, in the shares of the table; every district gets one. */
const shareOut = (count: number): DistrictPlan[] => {
  const rest = DISTRICTS.slice(1).flatMap((plan) =>
    Array.from({ length: Math.max(1, Math.round(plan.share * count)) }, () => plan),
  )
  const homes = Array.from({ length: count - rest.length }, () => DISTRICTS[0]!)
  return [...homes, ...rest]
}

const place = (district: DistrictPlan, scale: number, draw: Draw): { eastKm: number; northKm: number } => {
  const angle = 2 * Math.PI * draw()
  const distance = Math.abs(district.distanceKm + district.spreadKm * normalFrom(draw)) * scale
  return { eastKm: distance * Math.cos(angle), northKm: distance * Math.sin(angle) }
}

/** In one pass, for a city may have thousands of stations. */
const nearestTo = (
  index: number,
  count: number,
  distanceKm: (from: number, to: number) => number,
): number[] => {
  const nearest: { other: number; km: number }[] = []
  for (let other = 0; other < count; other++) {
    if (other === index) continue
    const km = distanceKm(index, other)
    if (nearest.length === NEIGHBOURS_KEPT && km >= nearest.at(-1)!.km) continue
    const position = nearest.findIndex((known) => known.km > km)
    nearest.splice(position === -1 ? nearest.length : position, 0, { other, km })
    if (nearest.length > NEIGHBOURS_KEPT) nearest.pop()
  }
  return nearest.map(({ other }) => other)
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))
