import { modelFeatureNames } from '@velocast/features'

/** What is known of a row when it is made: a model's features, then what its naive forecasts are made of. */
export const rowColumns: readonly string[] = [
  ...modelFeatureNames,
  'naive_yesterday',
  'naive_last_week',
  'naive_climatology',
  /** Bikes now minus climatology now, which damped persistence is made of. */
  'anomaly',
]

export const columnOf = (name: string): number => {
  const column = rowColumns.indexOf(name)
  if (column === -1) throw new Error(`rows have no column "${name}"`)
  return column
}
