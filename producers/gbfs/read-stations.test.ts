/** What both station feeds have in common, by the example of station_status. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FeedError } from '../feed-error.ts'
import { readStationStatus } from './read-station-status.ts'
import { countsOf, document, polledAt, read, station, updatedAt } from './testing/status-document.ts'

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

test('a feed that says no time, or a future one, is of the moment of the poll', () => {
  const unsaid = read([station()], null)
  assert.equal(unsaid.feedUpdatedAt, null)
  assert.equal(unsaid.stations[0]?.observedAt, polledAt)
  const future = read([station()], polledAt / 1000 + 3600)
  assert.equal(future.feedUpdatedAt, polledAt)
  assert.equal(countsOf(future)['last-updated-in-the-future'], 1)
})

test('what is not such a document is an error of the feed', () => {
  for (const other of [null, 5, [], {}, { data: {} }, { data: { stations: {} } }])
    assert.throws(() => readStationStatus(other, { polledAt }), FeedError)
})

test('a version that is none is noted, and guessed like an absent one', () => {
  for (const version of ['latest', {}, true]) {
    const reading = readStationStatus({ ...document([station()]), version }, { polledAt, version: '2.2' })
    assert.equal(reading.version, '2.2')
    assert.deepEqual(countsOf(reading), { 'version-unknown': 1 })
  }
  assert.equal(readStationStatus({ ...document([]), version: 2.3 }, { polledAt }).version, '2.3')
})
