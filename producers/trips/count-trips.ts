import { createFlowTable, type FlowTable } from './flow-table.ts'
import type { SurveyedStation } from './match-stations.ts'
import type { ClockCase, Trip, TripRule, TripStation } from './read-trip.ts'
import { createSlotTable, type SlotTable, slotOf } from './slot-table.ts'

export interface TripCounts {
  read: number
  /** Counted at one end at least. */
  used: number
  blankStarts: number
  blankEnds: number
  /** Left out, by what is wrong with them. */
  impossible: Record<TripRule, number>
  /** Local times at which clocks had been changed. */
  clockChanges: Record<ClockCase, number>
}

export interface TripCounter {
  add: (trip: Trip | TripRule) => void
  counts: TripCounts
  /** By the stations' ids in the trips. */
  flows: FlowTable
  /** Arrivals less departures, likewise. */
  net: SlotTable
  stations: () => SurveyedStation[]
  /** When the first and the last trip began; null when there is none. */
  span: () => { firstAt: number; lastAt: number } | null
}

interface Survey {
  name: string
  lastAt: number
  latitudes: number
  longitudes: number
  positions: number
}

/** Adds up trips, whatever their order, and learns from them what the stations are. */
export const countTrips = (): TripCounter => {
  const counts: TripCounts = {
    read: 0,
    used: 0,
    blankStarts: 0,
    blankEnds: 0,
    impossible: { unreadable: 0, 'ends-before-it-begins': 0, 'longer-than-a-day': 0 },
    clockChanges: { 'twice-resolved': 0, 'twice-first': 0, never: 0 },
  }
  const flows = createFlowTable()
  const net = createSlotTable(0)
  const move = (stationId: string, at: number, bikes: number): void =>
    net.set(stationId, slotOf(at), net.get(stationId, slotOf(at)) + bikes)
  const surveys = new Map<string, Survey>()
  let firstAt = Number.POSITIVE_INFINITY
  let lastAt = Number.NEGATIVE_INFINITY

  const survey = ({ id, name, latitude, longitude }: TripStation, at: number): void => {
    const known = surveys.get(id)
    const station = known ?? { name, lastAt: at, latitudes: 0, longitudes: 0, positions: 0 }
    if (!known) surveys.set(id, station)
    if (at >= station.lastAt) {
      station.lastAt = at
      station.name = name
    }
    if (Number.isNaN(latitude)) return
    station.latitudes += latitude
    station.longitudes += longitude
    station.positions += 1
  }

  return {
    counts,
    flows,
    net,
    add(trip) {
      counts.read += 1
      if (typeof trip === 'string') {
        counts.impossible[trip] += 1
        return
      }
      const { start, end, startedAt, endedAt, isElectric, clock } = trip
      if (clock) counts.clockChanges[clock] += 1
      if (start) {
        flows.add(start.id, startedAt, 'departure', isElectric)
        move(start.id, startedAt, -1)
        survey(start, startedAt)
      } else counts.blankStarts += 1
      if (end) {
        flows.add(end.id, endedAt, 'arrival', isElectric)
        move(end.id, endedAt, 1)
        survey(end, endedAt)
      } else counts.blankEnds += 1
      if (start || end) counts.used += 1
      firstAt = Math.min(firstAt, startedAt)
      lastAt = Math.max(lastAt, startedAt)
    },
    stations: () =>
      [...surveys].map(([id, { name, lastAt: seenAt, latitudes, longitudes, positions }]) => ({
        id,
        name,
        lastAt: seenAt,
        latitude: latitudes / positions,
        longitude: longitudes / positions,
      })),
    span: () => (firstAt <= lastAt ? { firstAt, lastAt } : null),
  }
}
