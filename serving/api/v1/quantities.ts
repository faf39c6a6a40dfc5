/** What a forecast may be asked for, in the words of the API: each is a field of a target and some columns of a row. */
import type { ForecastQuantity } from '@velocast/inference'

export const quantityColumns = {
  bikes: { bikes_mean: 'bikes_mean', bikes_q05: 'bikes_q05', bikes_q50: 'bikes_q50', bikes_q95: 'bikes_q95' },
  docks: { docks_mean: 'docks_mean', docks_q05: 'docks_q05', docks_q50: 'docks_q50', docks_q95: 'docks_q95' },
  bike_probability: { bike_probability: 'p_bike' },
  dock_probability: { dock_probability: 'p_dock' },
  departures: {
    departures: 'departures_mean',
    departures_q05: 'departures_q05',
    departures_q95: 'departures_q95',
  },
  arrivals: { arrivals: 'arrivals_mean', arrivals_q05: 'arrivals_q05', arrivals_q95: 'arrivals_q95' },
} as const satisfies Record<string, Record<string, ForecastQuantity>>

/** The numbers that are needed for them. */
export const columnsOf = (chosen: readonly Quantity[]): ForecastQuantity[] =>
  chosen.flatMap((quantity) => Object.values<ForecastQuantity>(quantityColumns[quantity]))

export type Quantity = keyof typeof quantityColumns
export const quantities = Object.keys(quantityColumns) as Quantity[]
