import { modelFeatureNames } from '@velocast/features'

/** What is known of a row when it is made: a model's features, then what its naive forecasts are made of. */
export const rowColumns: readonly string[] = [
  ...modelFeatureNames,
  'naive_climatology',
  /** How often there was a bike, and a free dock, at the target's hour of the week; how many bikes left and came in it. */
  'naive_bike_rate',
  'naive_dock_rate',
  'naive_departures',
  'naive_arrivals',
  /** Bikes now minus climatology now, which damped persistence is made of. */
  'anomaly',
]

export const columnOf = (name: string): number => {
  const column = rowColumns.indexOf(name)
  if (column === -1) throw new Error(`rows have no column "${name}"`)
  return column
}
