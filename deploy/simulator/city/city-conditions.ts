import { type LocalTime, QUARTER_HOUR_MS } from '../local-time.ts'
import { docksOutOfOrderAt, stationOutageAt } from './outages.ts'
import type { CityPlan } from './plan-city.ts'
import type { TravelDemand } from './travel-demand.ts'

/** What the city does not decide itself; it holds for a quarter of an hour. */
export interface CityConditions {
  tripsPerMinute: readonly number[]
  /** 1 where a station neither rents nor takes back. */
  isClosed: Uint8Array
  /** 1 where a station is not in the feed; such a station is closed too. */
  isMissing: Uint8Array
  docksOutOfOrder: Uint8Array
  /** Hours since local midnight. */
  hourOfDay: number
}

export interface ConditionsOptions {
  plan: CityPlan
  demand: TravelDemand
  localTime: LocalTime
  /** Whether single stations fail. */
  hasStationOutages: boolean
}

/** Tells the conditions at a moment; those of the last quarter of an hour asked for are kept. */
export const createConditions = ({ plan, demand, localTime, hasStationOutages }: ConditionsOptions) => {
  let quarter = Number.NaN
  let conditions: CityConditions
  return (at: number): CityConditions => {
    const asked = Math.floor(at / QUARTER_HOUR_MS)
    if (asked !== quarter) {
      quarter = asked
      conditions = conditionsAt(quarter * QUARTER_HOUR_MS)
    }
    return conditions
  }

  function conditionsAt(quarterAt: number): CityConditions {
    const outages = plan.stations.map((_, station) =>
      hasStationOutages ? stationOutageAt(plan.seed, station, quarterAt) : null,
    )
    return {
      tripsPerMinute: demand.tripsPerMinute(quarterAt),
      isClosed: Uint8Array.from(outages, (outage) => (outage === null ? 0 : 1)),
      isMissing: Uint8Array.from(outages, (outage) => (outage === 'missing' ? 1 : 0)),
      docksOutOfOrder: Uint8Array.from(plan.stations, (_, station) =>
        docksOutOfOrderAt(plan.seed, station, quarterAt),
      ),
      hourOfDay: localTime.hourOfDay(quarterAt),
    }
  }
}
