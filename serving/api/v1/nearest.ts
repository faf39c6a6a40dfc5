import type { DirectoryStation } from './station-directory.ts'

const earthRadiusMetres = 6_371_008.8

export interface Place {
  latitude: number
  longitude: number
}

export type PlacedStation = DirectoryStation & { distanceMetres: number }

/** Along the surface of a sphere, metres (haversine). */
export const distanceMetres = (one: Place, other: Place): number => {
  const squared =
    haversine(other.latitude - one.latitude) +
    Math.cos(radians(one.latitude)) *
      Math.cos(radians(other.latitude)) *
      haversine(other.longitude - one.longitude)
  return 2 * earthRadiusMetres * Math.asin(Math.sqrt(Math.min(1, squared)))
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180
const haversine = (degrees: number): number => Math.sin(radians(degrees) / 2) ** 2

/** Those that are somewhere, with whole metres to the place, the nearest first, by id where they are equally far. */
export const nearestTo = (place: Place, stations: Iterable<DirectoryStation>): PlacedStation[] => {
  const placed: PlacedStation[] = []
  for (const station of stations) {
    const { latitude, longitude } = station
    if (latitude === null || longitude === null) continue
    placed.push({ ...station, distanceMetres: Math.round(distanceMetres(place, { latitude, longitude })) })
  }
  return placed.sort(
    (one, other) => one.distanceMetres - other.distanceMetres || (one.stationId < other.stationId ? -1 : 1),
  )
}
