import { vectorFeatureNames } from '@velocast/features'
import { topics } from '@velocast/schemas'
import { defineTopicTable } from './topic-table.ts'

export const stationFeatures = defineTopicTable({
  topic: topics.stationFeatures,
  table: 'station_features',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'station_id', type: 'text' },
    { name: 'as_of', type: 'timestamptz' },
    { name: 'polled_at', type: 'timestamptz' },
    { names: vectorFeatureNames, type: 'reals' },
  ],
  key: ['system_id', 'station_id', 'as_of', 'polled_at'],
  rowsFrom: ({ systemId, stationId, asOf, polledAt, names, vector }) => [
    [systemId, stationId, asOf, polledAt, inColumnOrder(names, vector)],
  ],
})

/** For each list of names that a writer had: where each column's value is; -1 where it has none. */
const orders = new WeakMap<readonly string[], readonly number[] | 'as it is'>()

/** A writer of another version may know other features: what it does not know is NaN, what has no column is left out. */
const inColumnOrder = (names: readonly string[], vector: Float32Array): Float32Array => {
  let order = orders.get(names)
  if (!order) {
    const positions = vectorFeatureNames.map((name) => names.indexOf(name))
    const isSame =
      names.length === positions.length && positions.every((position, index) => position === index)
    order = isSame ? 'as it is' : positions
    orders.set(names, order)
  }
  return order === 'as it is'
    ? vector
    : Float32Array.from(order, (position) => vector[position] ?? Number.NaN)
}
