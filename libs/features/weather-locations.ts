import { cosOfDegrees } from './nearest-stations.ts'
import { vectorFeatureNames } from './vector-features.ts'

/** A point of a system that the weather is read for. */
export interface WeatherLocation {
  /** As in the weather's records. */
  readonly locationId: string
  /** Degrees. */
  readonly latitude: number
  readonly longitude: number
}

/** The number of the location that is nearest to a position, the first of several; 0 when the position is not known. */
export const nearestLocation = (
  locations: readonly WeatherLocation[],
  latitude: number,
  longitude: number,
): number => {
  const shrink = cosOfDegrees(latitude)
  let nearest = 0
  let least = Number.POSITIVE_INFINITY
  for (const [number, location] of locations.entries()) {
    const north = location.latitude - latitude
    const apart = Math.abs(location.longitude - longitude)
    const east = (apart > 180 ? 360 - apart : apart) * shrink
    const square = north * north + east * east
    if (square < least) {
      nearest = number
      least = square
    }
  }
  return nearest
}

const latitudeIndex = vectorFeatureNames.indexOf('latitude')
const longitudeIndex = vectorFeatureNames.indexOf('longitude')

/** The locationId of the point whose weather a station has, by its vector; null when all weather is for one point. */
export const weatherLocationOf = (
  locations: readonly WeatherLocation[] | undefined,
  vector: Float32Array,
): string | null => {
  if (!locations || locations.length < 2) return null
  return locations[nearestLocation(locations, vector[latitudeIndex]!, vector[longitudeIndex]!)]!.locationId
}
