import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readStationStatus } from './read-station-status.ts'
import { countsOf, document, polledAt, read, station, updatedAt } from './testing/status-document.ts'

const only = (fields: Record<string, unknown>) => read([station(fields)]).stations[0]

test('a station of 2.x is read as it is', () => {
  assert.deepEqual(read([station({ num_bikes_disabled: 1, num_ebikes_available: 2 })]), {
    version: '2.3',
    declaredVersion: '2.3',
    fields: [
      'is_installed',
      'is_renting',
      'is_returning',
      'last_reported',
      'num_bikes_available',
      'num_bikes_disabled',
      'num_docks_available',
      'num_ebikes_available',
      'station_id',
    ],
    feedUpdatedAt: updatedAt,
    ttlMs: 60_000,
    listed: 1,
    stationIds: new Set(['a']),
    stations: [
      {
        stationId: 'a',
        observedAt: updatedAt,
        reportedAt: updatedAt - 60_000,
        bikes: 5,
        ebikes: 2,
        docks: 10,
        bikesDisabled: 1,
        docksDisabled: 0,
        isInstalled: true,
        isRenting: true,
        isReturning: true,
      },
    ],
    rejected: [],
    oddities: [],
  })
})

test('booleans as numbers are the rule in 1.x and odd later; as text they are odd, like times and numbers', () => {
  const odd = [
    station({
      is_installed: 1,
      is_renting: 0,
      is_returning: 'False',
      last_reported: String(updatedAt / 1000),
      num_bikes_available: '5',
    }),
  ]
  const { stations, oddities } = read(odd)
  assert.equal(stations[0]?.isInstalled, true)
  assert.equal(stations[0]?.isRenting, false)
  assert.equal(stations[0]?.isReturning, false)
  assert.equal(stations[0]?.reportedAt, updatedAt)
  assert.equal(stations[0]?.bikes, 5)
  assert.deepEqual(oddities, [
    { rule: 'boolean-as-number', count: 2, example: 'station a: is_installed is 1' },
    { rule: 'boolean-as-text', count: 1, example: 'station a: is_returning is "False"' },
    { rule: 'number-as-text', count: 1, example: 'station a: num_bikes_available is "5"' },
    { rule: 'time-as-text', count: 1, example: `station a: last_reported is "${updatedAt / 1000}"` },
  ])
  assert.equal(countsOf(read(odd, undefined, '1.1'))['boolean-as-number'], undefined)
})

test('3.0 has vehicles instead of bikes and RFC 3339 times', () => {
  const { num_bikes_available: _, ...rest } = station()
  const { stations, feedUpdatedAt, oddities } = read(
    [
      {
        ...rest,
        num_vehicles_available: 7,
        num_vehicles_disabled: 2,
        last_reported: '2026-03-02T09:00:00+01:00',
      },
    ],
    '2026-03-02T09:00:00+01:00',
    '3.0',
  )
  assert.deepEqual(oddities, [])
  assert.equal(feedUpdatedAt, updatedAt)
  assert.equal(stations[0]?.bikes, 7)
  assert.equal(stations[0]?.bikesDisabled, 2)
  assert.equal(stations[0]?.reportedAt, updatedAt)
})

test('impossible numbers reject the station with the reason, and the others go on', () => {
  const impossible: [Record<string, unknown>, string][] = [
    [{ num_bikes_available: -1 }, 'count-negative'],
    [{ num_bikes_available: 10_001 }, 'count-too-large'],
    [{ num_bikes_available: 2.5 }, 'count-not-whole'],
    [{ num_bikes_available: 'NaN' }, 'count-not-a-number'],
    [{ num_bikes_available: null }, 'bikes-missing'],
    [{ num_docks_available: -3 }, 'count-negative'],
    [{ num_docks_disabled: -3 }, 'count-negative'],
    [{ num_bikes_disabled: 1e9 }, 'count-too-large'],
    [{ station_id: null }, 'station-id-missing'],
  ]
  for (const [fields, rule] of impossible) {
    const { stations, rejected, listed } = read([station(fields), station({ station_id: 'b' })])
    assert.deepEqual(
      stations.map(({ stationId }) => stationId),
      ['b'],
      rule,
    )
    assert.equal(rejected[0]?.rule, rule)
    assert.equal(listed, 2)
  }
  assert.equal(read(['x']).rejected[0]?.rule, 'entry-unreadable')
})

test('docks that are not published are unknown, not zero', () => {
  for (const num_docks_available of [undefined, null])
    assert.equal(only({ num_docks_available })?.docks, null)
})

test('a report time that cannot be is unknown; a clock slightly ahead is forgiven', () => {
  assert.equal(only({ last_reported: 0 })?.reportedAt, null)
  assert.equal(only({ last_reported: polledAt / 1000 + 86_400 })?.reportedAt, null)
  assert.equal(only({ last_reported: polledAt / 1000 + 60 })?.reportedAt, polledAt)
  assert.equal(only({ last_reported: undefined })?.reportedAt, null)
})

test('e-bikes are counted from the vehicle types where there is no count of their own', () => {
  const types = station({
    vehicle_types_available: [
      { vehicle_type_id: 'bike', count: 3 },
      { vehicle_type_id: 'ebike', count: 2 },
    ],
  })
  const electricTypes = new Set(['ebike'])
  assert.equal(readStationStatus(document([types]), { polledAt, electricTypes }).stations[0]?.ebikes, 2)
  assert.equal(readStationStatus(document([types]), { polledAt }).stations[0]?.ebikes, null)
  assert.equal(only({ num_bikes_available_types: [{ mechanical: 1 }, { ebike: 4 }] })?.ebikes, 4)
  assert.equal(only({ num_bikes_available_types: { electric: 4, smart: 0, classic: 1 } })?.ebikes, 4)
})

test('a count of e-bikes that cannot be is unknown, and costs nothing else', () => {
  for (const num_ebikes_available of [6, -1, 'many']) {
    const reading = read([station({ num_ebikes_available })])
    assert.equal(reading.stations[0]?.ebikes, null)
    assert.deepEqual(countsOf(reading), { 'ebikes-implausible': 1 })
  }
})

test('a total that is missing is the sum of the counts by type', () => {
  const { num_bikes_available: _, num_docks_available: __, ...rest } = station()
  const reading = read([
    {
      ...rest,
      vehicle_types_available: [
        { vehicle_type_id: 'a', count: 3 },
        { vehicle_type_id: 'b', count: 4 },
      ],
      vehicle_docks_available: [{ vehicle_type_ids: ['a', 'b'], count: 9 }],
    },
  ])
  assert.deepEqual([reading.stations[0]?.bikes, reading.stations[0]?.docks], [7, 9])
  assert.deepEqual(countsOf(reading), { 'count-summed': 2 })
})

test('where both names of a count are there, that of the version is taken', () => {
  const both = [station({ num_vehicles_available: 7, last_reported: '2026-03-02T08:00:00Z' })]
  assert.equal(read(both).stations[0]?.bikes, 5)
  const later = read(both, '2026-03-02T08:00:00Z', '3.0')
  assert.equal(later.stations[0]?.bikes, 7)
  assert.deepEqual(countsOf(later), { 'counts-disagree': 1 })
})

test('every station with the same time of report says so', () => {
  const stations = ['a', 'b', 'c', 'd', 'e'].map((station_id) => station({ station_id }))
  assert.equal(countsOf(read(stations))['last-reported-all-the-same'], 5)
  assert.equal(countsOf(read(stations.slice(1)))['last-reported-all-the-same'], undefined)
})
