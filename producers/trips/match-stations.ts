/** A station as the trips name it: what they say of it over the whole time. */
export interface SurveyedStation {
  id: string
  /** As it was called last. */
  name: string
  /** The mean of where its trips began and ended; NaN where the files say nothing. */
  latitude: number
  longitude: number
  lastAt: number
}

export interface KnownStation {
  stationId: string
  name: string
  latitude: number
  longitude: number
}

/**
 * How a station of the trips was found among those that the feed knows.
 * - `given`: by the mapping file.
 * - `same-id`: it is called so.
 * - `name-and-position`: the same name, within 50 m.
 * - `position`: within 20 m, whatever it is called.
 * - `name`: the same name, only one has it, and the trips give no positions.
 * - `successor`: the feed does not know it, but the trips go on under another id with the same name within 50 m; or
 *   they gave its name alone, which belongs to that id.
 * - `unknown`: it keeps its id; a station that is gone, mostly.
 */
export type MatchedBy =
  | 'given'
  | 'same-id'
  | 'name-and-position'
  | 'position'
  | 'name'
  | 'successor'
  | 'unknown'

export interface StationMatch {
  stationId: string
  by: MatchedBy
}

const SAME_NAME_M = 50
const SAME_PLACE_M = 20

/** What each station of the trips is in the feed, by the id in the trips. */
export const matchStations = (
  surveyed: readonly SurveyedStation[],
  known: readonly KnownStation[],
  given: ReadonlyMap<string, string>,
): Map<string, StationMatch> => {
  const ids = new Set(known.map(({ stationId }) => stationId))
  const knownByName = Map.groupBy(known, ({ name }) => plain(name))
  const findKnown = (station: SurveyedStation): StationMatch | null => {
    const named = given.get(station.id)
    if (named !== undefined) return { stationId: named, by: 'given' }
    if (ids.has(station.id)) return { stationId: station.id, by: 'same-id' }
    const alike = knownByName.get(plain(station.name)) ?? []
    if (Number.isNaN(station.latitude))
      return alike.length === 1 ? { stationId: alike[0]!.stationId, by: 'name' } : null
    const byName = nearest(station, alike, SAME_NAME_M)
    if (byName) return { stationId: byName.stationId, by: 'name-and-position' }
    const byPlace = nearest(station, known, SAME_PLACE_M)
    return byPlace && { stationId: byPlace.stationId, by: 'position' }
  }

  const matches = new Map<string, StationMatch>()
  const matched = new Map<string, SurveyedStation[]>()
  const findSuccessor = (station: SurveyedStation): StationMatch | null => {
    const alike = matched.get(plain(station.name)) ?? []
    const targets = new Set(alike.map(({ id }) => matches.get(id)!.stationId))
    const isNameEnough = targets.size === 1 && (hasOnlyName(station) || Number.isNaN(station.latitude))
    const next = isNameEnough ? alike[0] : nearest(station, alike, SAME_NAME_M)
    return next ? { stationId: matches.get(next.id)!.stationId, by: 'successor' } : null
  }
  for (const station of surveyed.toSorted(mostTellingFirst)) {
    const match = findKnown(station) ?? findSuccessor(station) ?? { stationId: station.id, by: 'unknown' }
    matches.set(station.id, match)
    const name = plain(station.name)
    matched.set(name, [...(matched.get(name) ?? []), station])
  }
  return matches
}

/** The newest first, since older ids go on as newer ones; those of which the trips only have the name follow all others. */
const mostTellingFirst = (one: SurveyedStation, other: SurveyedStation): number =>
  Number(hasOnlyName(one)) - Number(hasOnlyName(other)) || other.lastAt - one.lastAt

const hasOnlyName = ({ id, name }: SurveyedStation): boolean => id === name

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

const nearest = <T extends { latitude: number; longitude: number }>(
  { latitude, longitude }: { latitude: number; longitude: number },
  others: readonly T[],
  withinM: number,
): T | null => {
  let best: T | null = null
  let bestM = withinM
  for (const other of others) {
    const distance = metresBetween(latitude, longitude, other.latitude, other.longitude)
    if (distance <= bestM) {
      best = other
      bestM = distance
    }
  }
  return best
}

const METRES_A_DEGREE = 111_195

/** On a plane, which over some tens of metres is exact enough. */
const metresBetween = (
  latitude: number,
  longitude: number,
  otherLatitude: number,
  otherLongitude: number,
) => {
  const north = otherLatitude - latitude
  const east = (otherLongitude - longitude) * Math.cos((latitude * Math.PI) / 180)
  return Math.hypot(north, east) * METRES_A_DEGREE
}
