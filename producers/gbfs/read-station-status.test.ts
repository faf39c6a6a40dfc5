import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FeedError } from '../feed-error.ts'
import { readStationStatus } from './read-station-status.ts'

const polledAt = Date.UTC(2026, 2, 2, 8, 0, 30)
const updatedAt = Date.UTC(2026, 2, 2, 8, 0, 0)

const document = (stations: unknown[], lastUpdated: unknown = updatedAt / 1000) => ({
  last_updated: lastUpdated,
  ttl: 60,
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
const read = (stations: unknown[], lastUpdated?: unknown) =>
  readStationStatus(document(stations, lastUpdated), { polledAt })
const only = (fields: Record<string, unknown>) => read([station(fields)]).stations[0]

test('a station of 2.x is read as it is', () => {
  assert.deepEqual(read([station({ num_bikes_disabled: 1, num_ebikes_available: 2 })]), {
    feedUpdatedAt: updatedAt,
    listed: 1,
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
    oddities: {},
  })
})

test('1.x writes booleans as numbers and times as text', () => {
  const { stations, oddities } = read([
    station({ is_installed: 1, is_renting: 0, is_returning: '1', last_reported: String(updatedAt / 1000) }),
  ])
  assert.equal(stations[0]?.isInstalled, true)
  assert.equal(stations[0]?.isRenting, false)
  assert.equal(stations[0]?.isReturning, true)
  assert.equal(stations[0]?.reportedAt, updatedAt)
  assert.deepEqual(oddities, { 'boolean-as-number': 2, 'boolean-as-text': 1, 'time-as-text': 1 })
})

test('3.0 has vehicles instead of bikes and RFC 3339 times', () => {
  const { num_bikes_available: _, ...rest } = station()
  const { stations, feedUpdatedAt } = read(
    [
      {
        ...rest,
        num_vehicles_available: 7,
        num_vehicles_disabled: 2,
        last_reported: '2026-03-02T09:00:00+01:00',
      },
    ],
    '2026-03-02T09:00:00+01:00',
  )
  assert.equal(feedUpdatedAt, updatedAt)
  assert.equal(stations[0]?.bikes, 7)
  assert.equal(stations[0]?.bikesDisabled, 2)
  assert.equal(stations[0]?.reportedAt, updatedAt)
})

test('impossible numbers reject the station with the reason, and the others go on', () => {
  const impossible: [Record<string, unknown>, string][] = [
    [{ num_bikes_available: -1 }, 'negative'],
    [{ num_bikes_available: 10_001 }, 'too-large'],
    [{ num_bikes_available: 2.5 }, 'not-an-integer'],
    [{ num_bikes_available: 'NaN' }, 'not-a-number'],
    [{ num_bikes_available: null }, 'no-bikes'],
    [{ num_docks_available: -3 }, 'negative'],
    [{ num_docks_disabled: -3 }, 'negative'],
    [{ num_bikes_disabled: 1e9 }, 'too-large'],
    [{ num_ebikes_available: -1 }, 'negative'],
    [{ station_id: null }, 'no-station-id'],
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
  assert.equal(read(['x']).rejected[0]?.rule, 'not-an-object')
})

test('of a station that is listed twice the last entry counts', () => {
  const { stations, oddities } = read([station(), station({ num_bikes_available: 6 })])
  assert.deepEqual(
    stations.map(({ bikes }) => bikes),
    [6],
  )
  assert.equal(oddities['duplicate-station'], 1)
})

test('an id that is a number is a text for us', () => {
  const { stations, oddities } = read([station({ station_id: 213688169 })])
  assert.equal(stations[0]?.stationId, '213688169')
  assert.equal(oddities['numeric-station-id'], 1)
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
  assert.equal(future.oddities['last-updated-in-the-future'], 1)
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
})

test('more e-bikes than bikes is a count that cannot be used', () => {
  const { stations, oddities } = read([station({ num_ebikes_available: 6 })])
  assert.equal(stations[0]?.ebikes, null)
  assert.equal(oddities['more-ebikes-than-bikes'], 1)
})

test('what is not such a document is an error of the feed', () => {
  for (const other of [null, 5, [], {}, { data: {} }, { data: { stations: {} } }])
    assert.throws(() => readStationStatus(other, { polledAt }), FeedError)
})
