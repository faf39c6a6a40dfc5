/*
 * Which stations are nearest to which. Distances are compared on a plane that touches the earth at the station asked for,
 * which is exact enough for a city; with nothing but the four basic operations, so that every machine finds the same order.
 */

/** How many are kept in order for each station: enough to pass over some that have gone silent. */
const keptNearest = 16

const none = -1

export interface NearestStations {
  /** Puts a station on the map, or moves it; NaN takes it off. Says whether that is a change. `index` counts up from 0. */
  readonly place: (index: number, stationId: string, latitude: number, longitude: number) => boolean
  /**
   * Writes the nearest `count` other stations for which `isWanted` holds into `into`, nearest first, and says how many
   * there are: fewer only when there are no more. `wanted` is for how many at most it holds.
   */
  readonly find: (
    index: number,
    count: number,
    wanted: number,
    isWanted: (index: number) => boolean,
    into: Int32Array,
  ) => number
}

interface Spot {
  readonly stationId: string
  latitude: number
  longitude: number
  /** How much shorter a degree of longitude is than one of latitude. */
  shrink: number
  /** The nearest stations in order, `none` behind the last; null when it has to be made. */
  nearest: Int32Array | null
  /** The square of the distance of the last one of a full list, in degrees of latitude. */
  reach: number
}

export const createNearestStations = (): NearestStations => {
  const spots: Spot[] = []

  const select = (index: number, into: Int32Array, isWanted: (index: number) => boolean): number => {
    const from = spots[index]!
    const squares = new Float64Array(into.length)
    let found = 0
    for (let other = 0; other < spots.length; other++) {
      const square = squareBetween(from, spots[other]!)
      if (other === index || Number.isNaN(square)) continue
      if (found === into.length && square > squares[found - 1]!) continue
      if (!isWanted(other)) continue
      let place = found < into.length ? found++ : found
      while (place > 0 && isNearer(square, other, squares[place - 1]!, into[place - 1]!)) {
        if (place < into.length) {
          squares[place] = squares[place - 1]!
          into[place] = into[place - 1]!
        }
        place--
      }
      if (place < into.length) {
        squares[place] = square
        into[place] = other
      }
    }
    from.reach = found === into.length ? squares[found - 1]! : Number.POSITIVE_INFINITY
    return found
  }

  /** Equal distances are told apart by the stations' names, which do not depend on the order in which they came. */
  const isNearer = (square: number, station: number, otherSquare: number, other: number): boolean =>
    square < otherSquare || (square === otherSquare && spots[station]!.stationId < spots[other]!.stationId)

  const nearestOf = (index: number): Int32Array => {
    const spot = spots[index]!
    if (spot.nearest) return spot.nearest
    spot.nearest = new Int32Array(keptNearest).fill(none)
    select(index, spot.nearest, () => true)
    return spot.nearest
  }

  return {
    place: (index, stationId, latitude, longitude) => {
      const known = spots[index]
      if (known && Object.is(known.latitude, latitude) && Object.is(known.longitude, longitude)) return false
      const spot: Spot = {
        stationId,
        latitude,
        longitude,
        shrink: cosOfDegrees(latitude),
        nearest: null,
        reach: Number.POSITIVE_INFINITY,
      }
      spots[index] = spot
      for (const other of spots) {
        if (!other?.nearest) continue
        const isListed = known !== undefined && other.nearest.includes(index)
        // A full list without it stays as it is when the station comes to stand behind its last one.
        if (isListed || squareBetween(other, spot) <= other.reach) other.nearest = null
      }
      return true
    },
    find: (index, count, wanted, isWanted, into) => {
      const spot = spots[index]!
      if (Number.isNaN(spot.latitude) || Number.isNaN(spot.longitude)) return 0
      let found = 0
      const nearest = nearestOf(index)
      for (let place = 0; place < keptNearest && found < Math.min(count, wanted); place++) {
        const other = nearest[place]!
        if (other === none) return found
        if (isWanted(other)) into[found++] = other
      }
      if (found >= Math.min(count, wanted)) return found
      const { reach } = spot
      found = select(index, into.subarray(0, count), isWanted)
      spot.reach = reach
      return found
    },
  }
}

/** In degrees of latitude, squared; NaN when a position is not known. */
const squareBetween = (from: Spot, to: Spot): number => {
  const north = to.latitude - from.latitude
  let east = Math.abs(to.longitude - from.longitude)
  if (east > 180) east = 360 - east
  east *= from.shrink
  return north * north + east * east
}

/** The first terms of the series, within 1e-6 up to the poles. */
export const cosOfDegrees = (degrees: number): number => {
  const x = degrees * 0.017_453_292_519_943_295
  const square = x * x
  let term = 1
  let sum = 1
  for (let order = 2; order <= 14; order += 2) {
    term *= -square / (order * (order - 1))
    sum += term
  }
  return sum
}
