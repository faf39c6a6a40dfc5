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
    [{ num_bikes_available: ' ' }, 'bikes-missing'],
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
  for (const num_docks_available of [undefined, null, '', '  ']) {
    const reading = read([station({ num_docks_available })])
    assert.equal(reading.stations[0]?.docks, null)
    assert.deepEqual(countsOf(reading), { 'docks-missing': 1 })
  }
})

test('a station whose bikes are known is used, whatever its other counts hold', () => {
  const odd: [
    fields: Record<string, unknown>,
    counts: (number | null)[],
    oddities: Record<string, number>,
  ][] = [
    [{ num_docks_available: -1 }, [null, 0, 0], { 'docks-implausible': 1 }],
    [{ num_docks_available: 'many' }, [null, 0, 0], { 'docks-implausible': 1 }],
    [
      { num_docks_available: -1, vehicle_docks_available: [{ vehicle_type_ids: ['a'], count: 9 }] },
      [9, 0, 0],
      { 'docks-implausible': 1, 'count-summed': 1 },
    ],
    [
      { num_docks_available: null, vehicle_docks_available: [{ vehicle_type_ids: ['a'], count: -9 }] },
      [null, 0, 0],
      { 'docks-implausible': 1 },
    ],
    [{ num_bikes_disabled: 1e9, num_docks_disabled: 'x' }, [10, 0, 0], { 'disabled-implausible': 2 }],
    [{ num_bikes_disabled: '', num_docks_disabled: ' ' }, [10, 0, 0], {}],
    [{ num_bikes_disabled: -1, num_vehicles_disabled: 2 }, [10, 0, 0], { 'disabled-implausible': 1 }],
  ]
  for (const [fields, counts, oddities] of odd) {
    const reading = read([station(fields)])
    const [{ docks, bikesDisabled, docksDisabled } = assert.fail(JSON.stringify(fields))] = reading.stations
    assert.deepEqual([docks, bikesDisabled, docksDisabled], counts, JSON.stringify(fields))
    assert.deepEqual(countsOf(reading), oddities, JSON.stringify(fields))
  }
})

test("Vélib's other shapes: counts in camel case, by type alone, and as its open data has them", () => {
  const { num_bikes_available: _, num_docks_available: __, ...rest } = station()
  const camel = read([{ ...rest, numBikesAvailable: 4, numDocksAvailable: 9 }])
  assert.deepEqual([camel.stations[0]?.bikes, camel.stations[0]?.docks], [4, 9])
  assert.deepEqual(countsOf(camel), { 'field-under-another-name': 2 })

  const types = read([
    { ...rest, numDocksAvailable: 1, num_bikes_available_types: [{ mechanical: 3 }, { ebike: 2 }] },
  ])
  assert.deepEqual([types.stations[0]?.bikes, types.stations[0]?.ebikes], [5, 2])
  assert.deepEqual(countsOf(types), { 'count-summed': 1, 'field-under-another-name': 1 })
  const named = read([
    { ...rest, num_docks_available: 1, num_bikes_available_types: { electric: 4, smart: 0, classic: 1 } },
  ])
  assert.deepEqual([named.stations[0]?.bikes, named.stations[0]?.ebikes], [5, 4])
  const broken = read([{ ...rest, num_bikes_available_types: [{ mechanical: -3 }, { ebike: 2 }] }])
  assert.equal(broken.rejected[0]?.rule, 'count-negative')

  const open = readStationStatus(
    {
      total_count: 1,
      results: [
        {
          stationcode: '16107',
          name: 'Benjamin Godard',
          is_installed: 'OUI',
          capacity: 35,
          numdocksavailable: 31,
          numbikesavailable: 4,
          mechanical: 3,
          ebike: 1,
          is_renting: 'OUI',
          is_returning: 'NON',
          duedate: '2026-03-02T07:58:00+00:00',
          coordonnees_geo: { lon: 2.27, lat: 48.86 },
        },
      ],
    },
    { polledAt },
  )
  assert.deepEqual(open.stations, [
    {
      stationId: '16107',
      observedAt: polledAt,
      reportedAt: Date.UTC(2026, 2, 2, 7, 58),
      bikes: 4,
      ebikes: 1,
      docks: 31,
      bikesDisabled: 0,
      docksDisabled: 0,
      isInstalled: true,
      isRenting: true,
      isReturning: false,
    },
  ])
})

test('yes and no are understood in the languages of operators', () => {
  for (const [yes, no] of [
    ['oui', 'non'],
    ['JA', 'Nein'],
    ['sí', 'no'],
    ['si', 'No'],
    ['s\u0069\u0301', 'NO'],
    ['ja', 'nej'],
    ['sim', 'n\u00e3o'],
  ]) {
    const reading = read([station({ is_renting: yes, is_returning: no })])
    assert.deepEqual([reading.stations[0]?.isRenting, reading.stations[0]?.isReturning], [true, false], yes)
    assert.deepEqual(countsOf(reading), { 'boolean-as-text': 2 })
  }
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
