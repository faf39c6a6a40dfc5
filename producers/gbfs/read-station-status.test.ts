import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FeedError } from '../feed-error.ts'
import { readStationStatus, type StatusReading } from './read-station-status.ts'

const polledAt = Date.UTC(2026, 2, 2, 8, 0, 30)
const updatedAt = Date.UTC(2026, 2, 2, 8, 0, 0)

const document = (stations: unknown, lastUpdated: unknown = updatedAt / 1000, version = '2.3') => ({
  last_updated: lastUpdated,
  ttl: 60,
  version,
  data: { stations },
})
const station = (fields: Record<string, unknown> = {}) => ({
  station_id: 'a',
  num_bikes_available: 5,
  num_docks_available: 10,
  is_installed: true,
  is_renting: true,
  is_returning: true,
  last_reported: updatedAt / 1000 - 60,
  ...fields,
})
const read = (stations: unknown, lastUpdated?: unknown, version?: string) =>
  readStationStatus(document(stations, lastUpdated, version), { polledAt })
const countsOf = ({ oddities }: Pick<StatusReading, 'oddities'>): Record<string, number> =>
  Object.fromEntries(oddities.map(({ rule, count }) => [rule, count]))
const only = (fields: Record<string, unknown>) => read([station(fields)]).stations[0]

test('a station of 2.x is read as it is', () => {
  assert.deepEqual(read([station({ num_bikes_disabled: 1, num_ebikes_available: 2 })]), {
    version: '2.3',
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

test('of a station that is listed twice the later report counts, else the last entry', () => {
  const twice = (first: object, second: object) => {
    const reading = read([station({ ...first }), station({ ...second })])
    return [reading.stations.map(({ bikes }) => bikes), countsOf(reading)]
  }
  const earlier = { last_reported: updatedAt / 1000 - 120 }
  assert.deepEqual(twice({}, {}), [[5], { 'duplicate-station': 1 }])
  assert.deepEqual(twice({}, { num_bikes_available: 6 }), [[6], { 'duplicate-station-differs': 1 }])
  assert.deepEqual(twice({}, { num_bikes_available: 6, ...earlier }), [
    [5],
    { 'duplicate-station-differs': 1 },
  ])
  assert.deepEqual(twice(earlier, { num_bikes_available: 6 }), [[6], { 'duplicate-station-differs': 1 }])
  assert.deepEqual(twice({ num_bikes_available: -1 }, {}), [[5], { 'count-negative': 1 }])
})

test('stations come in the order of the code units of their ids, whatever the document has', () => {
  const ids = ['b', '10', 'B', '9', 'a', 'é']
  assert.deepEqual(
    read(ids.map((station_id) => station({ station_id }))).stations.map(({ stationId }) => stationId),
    ['10', '9', 'B', 'a', 'b', 'é'],
  )
})

test('an id that is a number is a text for us', () => {
  const { stations, oddities } = read([station({ station_id: 213688169 })])
  assert.equal(stations[0]?.stationId, '213688169')
  assert.equal(countsOf({ oddities })['numeric-station-id'], 1)
})

test('docks that are not published are unknown, not zero', () => {
  for (const num_docks_available of [undefined, null])
    assert.equal(only({ num_docks_available })?.docks, null)
})

test('a feed that says no time, or a future one, is of the moment of the poll', () => {
  const unsaid = read([station()], null)
  assert.equal(unsaid.feedUpdatedAt, null)
  assert.equal(unsaid.stations[0]?.observedAt, polledAt)
  const future = read([station()], polledAt / 1000 + 3600)
  assert.equal(future.feedUpdatedAt, polledAt)
  assert.equal(countsOf(future)['last-updated-in-the-future'], 1)
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

test('stations are found where a feed has them: by id, without data, under a language', () => {
  const { station_id: _, ...unnamed } = station()
  for (const document of [
    { data: { stations: { a: unnamed } } },
    { data: [station()] },
    { stations: [station()] },
    { data: { en: { stations: [station()] } } },
    [station()],
  ]) {
    const reading = readStationStatus(document, { polledAt })
    assert.deepEqual(
      reading.stations.map(({ stationId, bikes }) => [stationId, bikes]),
      [['a', 5]],
    )
    assert.equal(countsOf(reading)['list-elsewhere'], 1)
  }
})

test('an id of 64 bits, blanks around an id, and an id under another name', () => {
  const { station_id: _, ...unnamed } = station()
  const reading = read([
    station({ station_id: 9007199254740993n }),
    station({ station_id: ' b ' }),
    { ...unnamed, id: 7 },
    station({ station_id: 'B' }),
  ])
  assert.deepEqual(
    reading.stations.map(({ stationId }) => stationId),
    ['7', '9007199254740993', 'B', 'b'],
  )
  assert.deepEqual(countsOf(reading), {
    'numeric-station-id': 2,
    'padded-station-id': 1,
    'similar-station-ids': 1,
    'station-id-under-another-name': 1,
  })
})

test('a document says itself, or gbfs.json, or its looks, which version it is of', () => {
  const versionOf = (fields: Record<string, unknown>, version?: string) => {
    const { version: _, ...unversioned } = document([station(fields)])
    return readStationStatus(unversioned, { polledAt, version }).version
  }
  assert.equal(read([station()]).version, '2.3')
  assert.equal(versionOf({}, '2.2'), '2.2')
  assert.equal(versionOf({}), '2.0')
  assert.equal(versionOf({ is_installed: 1, is_renting: 1, is_returning: 1 }), '1.0')
  assert.equal(versionOf({ vehicle_types_available: [] }), '2.1')
  assert.equal(versionOf({ num_bikes_available: undefined, num_vehicles_available: 1 }), '2.0')
})

test('every station with the same time of report says so', () => {
  const stations = ['a', 'b', 'c', 'd', 'e'].map((station_id) => station({ station_id }))
  assert.equal(countsOf(read(stations))['last-reported-all-the-same'], 5)
  assert.equal(countsOf(read(stations.slice(1)))['last-reported-all-the-same'], undefined)
})

test('what is not such a document is an error of the feed', () => {
  for (const other of [null, 5, [], {}, { data: {} }, { data: { stations: {} } }])
    assert.throws(() => readStationStatus(other, { polledAt }), FeedError)
})
