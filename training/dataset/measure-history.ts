import type { HistoryRange, Session } from '@velocast/db'
import type { HistoryExtent } from './dataset-source.ts'

/** How much there is of a system in a range, without reading it. */
export const measureHistory = async (session: Session, range: HistoryRange): Promise<HistoryExtent> => {
  const { rows } = await session.query<{
    observations: number
    station_slots: number
    first_observed_at: number | null
    last_observed_at: number | null
  }>(
    `select coalesce(sum(observations), 0)::bigint as observations, count(*) as station_slots,
       min(first_at) as first_observed_at, max(last_at) as last_observed_at
     from (
       select count(*) as observations, min(observed_at) as first_at, max(observed_at) as last_at
       from station_status
       where system_id = $1 and polled_at >= $2 and polled_at <= $3 and observed_at <= $3
         and origin = 'REPORTED'
       group by station_id, date_bin('15 minutes', observed_at, timestamptz '2000-01-01 00:07:30+00')
     ) as station_slot`,
    [range.systemId, new Date(range.from), new Date(range.until)],
  )
  const extent = rows[0]!
  return {
    observations: extent.observations,
    stationSlots: extent.station_slots,
    firstObservedAt: extent.first_observed_at,
    lastObservedAt: extent.last_observed_at,
  }
}
