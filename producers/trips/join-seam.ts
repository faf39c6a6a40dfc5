import type { HourlyFlow } from './flow-table.ts'

const DAY_MS = 24 * 60 * 60_000

/**
 * Whether these trips may not tell all of an hour: in the first day, trips that began before the files do are missing among the
 * arrivals; in the hours after the last trip began, all that began later.
 */
export const isAtSeam = (hourAt: number, { firstAt, lastAt }: { firstAt: number; lastAt: number }): boolean =>
  hourAt < firstAt + DAY_MS || hourAt + 60 * 60_000 > lastAt

/** At a seam what the log knows from other files is never made less: the larger of the two counts, each. */
export const joinSeam = (flow: HourlyFlow, published: HourlyFlow | null): HourlyFlow =>
  published === null
    ? flow
    : {
        ...flow,
        departures: Math.max(flow.departures, published.departures),
        arrivals: Math.max(flow.arrivals, published.arrivals),
        ebikeDepartures: largerOf(flow.ebikeDepartures, published.ebikeDepartures),
        ebikeArrivals: largerOf(flow.ebikeArrivals, published.ebikeArrivals),
      }

const largerOf = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : Math.max(one, other)
