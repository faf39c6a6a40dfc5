import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareStations, countStations } from './compare-stations.ts'
import { readStationInformation } from './read-station-information.ts'
import { readStationStatus } from './read-station-status.ts'

const context = { polledAt: Date.UTC(2026, 2, 2) }
const compare = (information: object[], status: object[]) => {
  const facts = readStationInformation({ data: { stations: information } }, context)
  return Object.fromEntries(
    compareStations(facts, readStationStatus({ data: { stations: status } }, context)).map(
      ({ rule, count }) => [rule, count],
    ),
  )
}
const place = (station_id: unknown, fields: object = {}) => ({
  station_id,
  lat: 1,
  lon: 1,
  capacity: 5,
  ...fields,
})
const holding = (station_id: unknown, bikes: number) => ({
  station_id,
  num_bikes_available: bikes,
  num_docks_available: 1,
})

test('stations of one document only are counted, each way', () => {
  assert.deepEqual(countStations(new Set(['a', 'b', 'c']), new Set(['b', 'd'])), {
    information: 3,
    status: 2,
    both: 1,
  })
  assert.deepEqual(compare([place('a'), place('b'), place('c')], [holding('b', 1), holding('d', 1)]), {
    'station-without-information': 1,
    'station-without-status': 2,
  })
})

test('an id is the same as number and as text; one that is written differently is pointed out', () => {
  assert.deepEqual(compare([place('42')], [holding(42, 1)]), {})
  assert.deepEqual(compare([place('042'), place('A')], [holding('42', 1), holding('a', 1)]), {
    'similar-station-ids': 2,
    'station-without-information': 2,
    'station-without-status': 2,
  })
})

test('more than the capacity is odd, but not where staff park by hand, nor at a virtual station', () => {
  assert.deepEqual(compare([place('a')], [holding('a', 4)]), {})
  assert.deepEqual(compare([place('a')], [holding('a', 5)]), { 'capacity-exceeded': 1 })
  assert.deepEqual(compare([place('a', { is_valet_station: true })], [holding('a', 5)]), {})
  assert.deepEqual(compare([place('a', { is_virtual_station: true })], [holding('a', 5)]), {})
})
