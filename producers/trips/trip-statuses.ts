/**
 * What a recorder at the stations would have seen, made from an operator's trips: for a city of which there is nothing else. A
 * level goes down and up with every trip, so departures and arrivals are those of the trips. Trucks are not in trips: where a bike
 * leaves an empty station or comes to a full one, one is taken to have been there just before, and to have left it half full. A level
 * follows from the trips up to its moment, so that it tells nothing of those to come; only the capacity is guessed from them all.
 */
import { findFiles, openFiles, readCsvRows } from '@velocast/recordings'
import type { StationInformation, StationStatus } from '@velocast/schemas'
import { countTrips } from './count-trips.ts'
import { knownLevel } from './known-level.ts'
import { readTripFiles } from './read-trip-files.ts'
import { findTripColumns } from './trip-columns.ts'

export interface TripStatusesOptions {
  systemId: string
  paths: readonly string[]
  timeZone: string
  onProgress?: (progress: { share: number; at: number }) => void
  onNotice?: (notice: string) => void
  signal?: AbortSignal
}

const SLOT_MS = 900_000
const ROWS_SURVEYED = 1_000
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
/** Half of it is more than what counts as a truck's load, which is no departure. */
const LEAST_CAPACITY = 12
/** Of the days, by whose largest swing a station's capacity is guessed. */
const SWING_QUANTILE = 0.95
/** A station is of the city where so many trips begin and so many end, over the whole recording. */
const LEAST_TRIPS_A_WEEK = 1

/** Where the first trip of the first file began; null when that is no file of trips. Positions are NaN where it has none. */
export const surveyTrips = async (
  paths: readonly string[],
): Promise<{ latitude: number; longitude: number } | null> => {
  for (const path of await findFiles(paths))
    for await (const { bytes } of openFiles(path)) {
      let columns: ReturnType<typeof columnsOf> = null
      let read = 0
      for await (const rows of readCsvRows(bytes))
        for (const row of rows) {
          if (read++ === 0) {
            columns = columnsOf(row)
            if (columns === null) return null
            continue
          }
          const [latitude, longitude] = [
            Number(row[columns!.startLatitude]),
            Number(row[columns!.startLongitude]),
          ]
          if (latitude && longitude) return { latitude, longitude }
          if (read > ROWS_SURVEYED) return { latitude: Number.NaN, longitude: Number.NaN }
        }
      return columns && { latitude: Number.NaN, longitude: Number.NaN }
    }
  return null
}

const columnsOf = (header: readonly string[]) => {
  try {
    return findTripColumns(header)
  } catch {
    return null
  }
}

interface Event {
  at: number
  /** -1 for a departure, 1 for an arrival. */
  bikes: number
}

/** The observations of each quarter of an hour, in the order of time; `stations` is filled when reading begins. */
export const tripStatuses = (options: TripStatusesOptions) => {
  const { systemId, paths, timeZone, onProgress, onNotice = () => {} } = options
  const { signal = new AbortController().signal } = options
  const stations = new Map<string, StationInformation>()
  const counts = { polls: 0, rejected: 0, leftOut: 0 }

  async function* read(): AsyncGenerator<StationStatus[]> {
    const counter = countTrips()
    const events = new Map<string, Event[]>()
    const add = (stationId: string, at: number, bikes: number): void => {
      const own = events.get(stationId)
      if (own) own.push({ at, bikes })
      else events.set(stationId, [{ at, bikes }])
    }
    await readTripFiles(await findFiles(paths), {
      timeZone,
      signal,
      onNotice,
      onRead: () => {},
      onTrip: (trip) => {
        counter.add(trip)
        if (typeof trip === 'string') {
          counts.rejected += 1
          return
        }
        if (trip.start) add(trip.start.id, trip.startedAt, -1)
        if (trip.end) add(trip.end.id, trip.endedAt, 1)
      },
    })
    const surveyed = counter.stations()
    const { firstAt, lastAt } = counter.span() ?? { firstAt: 0, lastAt: 0 }
    const least = Math.floor(((lastAt - firstAt) / WEEK_MS) * LEAST_TRIPS_A_WEEK)
    const known = surveyed.filter(({ id }) => isOfTheCity(events.get(id)!, least))
    if (known.length < surveyed.length)
      onNotice(
        `${surveyed.length - known.length} of ${surveyed.length} stations are left out: less than a trip a week begins or ends there, so they are another city's, or were hardly open`,
      )
    const cities = known.map(({ id, name, latitude, longitude }) => {
      const own = events.get(id)!.sort((a, b) => a.at - b.at || a.bikes - b.bikes)
      const capacity = capacityOf(own)
      stations.set(id, {
        systemId,
        stationId: id,
        name,
        latitude,
        longitude,
        capacity,
        isVirtual: false,
        regionId: null,
        polledAt: own[0]!.at,
      })
      return {
        place: { systemId, stationId: id, latitude: orNull(latitude), longitude: orNull(longitude) },
        capacity,
        events: own,
        next: 0,
        level: Math.round(capacity / 2),
        newestAt: 0,
      }
    })
    cities.sort((a, b) => (a.place.stationId < b.place.stationId ? -1 : 1))
    const firstSlot = Math.floor(Math.min(...cities.map((city) => city.events[0]!.at)) / SLOT_MS)
    const lastSlot = Math.ceil(Math.max(...cities.map((city) => city.events.at(-1)!.at)) / SLOT_MS)

    for (let slot = firstSlot; slot <= lastSlot; slot++) {
      signal.throwIfAborted()
      const end = slot * SLOT_MS
      const statuses: StationStatus[] = []
      for (const city of cities) {
        const { place, capacity } = city
        // Before its first trip and after its last a station may not be there.
        if (end < city.events[0]!.at || city.newestAt > city.events.at(-1)!.at) continue
        const observe = (at: number): void => {
          city.newestAt = Math.max(at, city.newestAt + 1)
          statuses.push(
            knownLevel(place, {
              observedAt: city.newestAt,
              polledAt: city.newestAt,
              bikes: city.level,
              capacity,
              origin: 'REPORTED',
            }),
          )
        }
        for (; city.next < city.events.length && city.events[city.next]!.at <= end; city.next++) {
          const { at, bikes } = city.events[city.next]!
          if (city.level + bikes < 0 || city.level + bikes > capacity) {
            city.level = Math.round(capacity / 2)
            observe(at)
          }
          city.level += bikes
          observe(at)
        }
        observe(end)
      }
      counts.polls += 1
      onProgress?.({ share: (slot - firstSlot) / Math.max(1, lastSlot - firstSlot), at: end })
      yield statuses.sort((a, b) => a.polledAt - b.polledAt)
    }
  }

  return { read, stations, counts }
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)

/**
 * An operator's file holds the trips that begin in one of its cities. Some end in the next: of its stations a few arrivals
 * are known and nothing else, their levels would be a line, and a forecast of it no achievement.
 */
const isOfTheCity = (events: readonly Event[], least: number): boolean => {
  const departures = events.filter(({ bikes }) => bikes < 0).length
  return departures >= least && events.length - departures >= least
}

/** By how far the bikes go up and down within a day. */
const capacityOf = (events: readonly Event[]): number => {
  const swings: number[] = []
  let day = Number.NaN
  let [level, least, most] = [0, 0, 0]
  for (const { at, bikes } of events) {
    const today = Math.floor(at / DAY_MS)
    if (today !== day) {
      if (!Number.isNaN(day)) swings.push(most - least)
      day = today
      least = level
      most = level
    }
    level += bikes
    least = Math.min(least, level)
    most = Math.max(most, level)
  }
  swings.push(most - least)
  swings.sort((a, b) => a - b)
  return Math.max(LEAST_CAPACITY, swings[Math.floor(SWING_QUANTILE * (swings.length - 1))]! + 2)
}
