import type { FeedSource, StationProfile, StationReport, SystemProfile } from '../feed/feed-source.ts'
import { bikesAt, freeDocksAt } from './city-state.ts'
import type { City } from './create-city.ts'
import { feedOutageAt } from './outages.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

export interface CityFeedOptions {
  city: City
  system: SystemProfile
  /** Whether the feed itself freezes or is down now and then. */
  hasFeedOutages?: boolean
}

/** The operator of a simulated city: it publishes once a minute. */
export const createCityFeed = ({ city, system, hasFeedOutages = true }: CityFeedOptions): FeedSource => {
  const { plan } = city
  const profiles = plan.stations.map(
    ({ stationId, name, latitude, longitude, capacity }): StationProfile => ({
      stationId,
      name,
      latitude,
      longitude,
      capacity,
    }),
  )

  const reportsAt = (at: number): StationReport[] => {
    const state = city.stateAt(at)
    const conditions = city.conditionsAt(at)
    const reports: StationReport[] = []
    for (let station = 0; station < plan.stations.length; station++) {
      if (conditions.isMissing[station] === 1) continue
      const { stationId, capacity } = plan.stations[station]!
      const isOpen = conditions.isClosed[station] === 0
      reports.push({
        stationId,
        bikes: state.pedalBikes[station]! + state.ebikes[station]!,
        ebikes: state.ebikes[station]!,
        docks: freeDocksAt(plan, conditions, state, station),
        bikesDisabled: state.brokenPedalBikes[station]! + state.brokenEbikes[station]!,
        // A dock breaks with a bike in it, too: then the bike counts and the dock does not.
        docksDisabled: Math.min(conditions.docksOutOfOrder[station]!, capacity - bikesAt(state, station)),
        isInstalled: true,
        isRenting: isOpen,
        isReturning: isOpen,
        reportedAt: state.reportedSeconds[station]! * 1000,
      })
    }
    return reports
  }

  return {
    system,
    ttlSeconds: 60,
    statusAt: (at) => {
      const outage = hasFeedOutages ? feedOutageAt(plan.seed, at) : null
      if (outage?.kind === 'down')
        return { kind: 'unavailable', retryAfterSeconds: Math.ceil((outage.untilAt - at) / 1000) }
      const published = Math.floor((outage?.sinceAt ?? at) / MINUTE_MS) * MINUTE_MS
      return { kind: 'snapshot', lastUpdatedAt: published, reports: reportsAt(published) }
    },
    stationsAt: (at) => ({ lastUpdatedAt: Math.floor(at / DAY_MS) * DAY_MS, stations: profiles }),
    span: { startsAt: null, endsAt: null },
    weeksMoved: null,
  }
}
