import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localMoments } from './local-moments.ts'
import { type Trip, type TripRule, tripReader } from './read-trip.ts'
import { readWallTime } from './read-wall-time.ts'
import { findTripColumns } from './trip-columns.ts'

const newYork = localMoments('America/New_York')

const read = (header: string, row: string): Trip | TripRule =>
  tripReader(findTripColumns(header.split(',')), newYork)(row.split(','))

const iso = (at: number): string => new Date(at).toISOString()
const momentsOf = (trip: Trip | TripRule) =>
  typeof trip === 'string' ? trip : [iso(trip.startedAt), iso(trip.endedAt), trip.clock]

const NEW =
  'ride_id,rideable_type,started_at,ended_at,start_station_name,start_station_id,end_station_name,end_station_id,start_lat,start_lng,end_lat,end_lng,member_casual'
const OLD =
  'tripduration,starttime,stoptime,start station id,start station name,start station latitude,start station longitude,end station id,end station name,end station latitude,end station longitude,bikeid,usertype,birth year,gender'

test('the format of today: type, ids as text, blanks', () => {
  assert.deepEqual(
    read(
      NEW,
      '0744,electric_bike,2024-01-15 15:18:07,2024-01-15 15:32:44,Morris Canal,JC072,,,40.71,-74.03,40.73,-74.05,member',
    ),
    {
      startedAt: Date.UTC(2024, 0, 15, 20, 18, 7),
      endedAt: Date.UTC(2024, 0, 15, 20, 32, 44),
      start: { id: 'JC072', name: 'Morris Canal', latitude: 40.71, longitude: -74.03 },
      end: null,
      isElectric: true,
      clock: null,
    },
  )
})

test('the format before: numeric ids, no type, durations', () => {
  const trip = read(
    OLD,
    '634,2013-07-01 00:00:00,2013-07-01 00:10:34.5,164.0,E 47 St & 2 Ave,40.75,-73.97,504,1 Ave & E 15 St,40.73,-73.98,16950,Customer,NULL,0',
  )
  assert.ok(typeof trip === 'object')
  assert.deepEqual([trip.start?.id, trip.end?.id, trip.isElectric], ['164', '504', null])
  assert.equal(iso(trip.endedAt), '2013-07-01T04:10:34.500Z')
})

test('other operators, other names', () => {
  const headers: [header: string, row: string][] = [
    [
      'trip_id,start_time,end_time,bikeid,tripduration,from_station_id,from_station_name,to_station_id,to_station_name',
      '1,2019-01-01 00:04:37,2019-01-01 00:11:07,2167,390.0,199,Wabash,84,Milwaukee',
    ],
    [
      'Duration,Start date,End date,Start station number,Start station,End station number,End station,Bike number,Member type',
      '390,2019-01-01 00:04:37,2019-01-01 00:11:07,199,Wabash,84,Milwaukee,W1,Member',
    ],
    [
      'duration_sec,start_time,end_time,start_station_id,start_station_name,end_station_id,end_station_name',
      '390,1/1/2019 0:04:37,1/1/2019 0:11:07,199,Wabash,84,Milwaukee',
    ],
    [
      '01 - Rental Details Rental ID,01 - Rental Details Local Start Time,01 - Rental Details Local End Time,03 - Rental Start Station ID,03 - Rental Start Station Name,02 - Rental End Station ID,02 - Rental End Station Name',
      '1,2019-01-01 00:04:37,2019-01-01 00:11:07,199,Wabash,84,Milwaukee',
    ],
  ]
  for (const [header, row] of headers) {
    const trip = read(header, row)
    assert.ok(typeof trip === 'object', header)
    assert.deepEqual(
      [iso(trip.startedAt), trip.start?.name, trip.end?.id],
      ['2019-01-01T05:04:37.000Z', 'Wabash', '84'],
    )
  }
  assert.throws(
    () => findTripColumns(['ride_id', 'started_at']),
    /no column ended_at, start_station_id, end_station_id/,
  )
})

test('an hour that comes twice: the duration tells, or the order, or the first is taken', () => {
  const withDuration = (seconds: string, from: string, to: string) =>
    momentsOf(
      read('tripduration,starttime,stoptime,start station id,end station id', `${seconds},${from},${to},1,2`),
    )
  const [start, end] = ['2024-11-03 01:50:00', '2024-11-03 01:55:00']
  assert.deepEqual(withDuration('300', start, end), [
    '2024-11-03T05:50:00.000Z',
    '2024-11-03T05:55:00.000Z',
    'twice-first',
  ])
  assert.deepEqual(withDuration('3900', start, end), [
    '2024-11-03T05:50:00.000Z',
    '2024-11-03T06:55:00.000Z',
    'twice-resolved',
  ])
  assert.deepEqual(withDuration('', '2024-11-03 01:50:00', '2024-11-03 01:10:00'), [
    '2024-11-03T05:50:00.000Z',
    '2024-11-03T06:10:00.000Z',
    'twice-resolved',
  ])
  assert.deepEqual(withDuration('900', '2024-11-03 01:50:00', '2024-11-03 02:05:00'), [
    '2024-11-03T06:50:00.000Z',
    '2024-11-03T07:05:00.000Z',
    'twice-resolved',
  ])
  assert.deepEqual(withDuration('', '2024-11-03 01:50:00', '2024-11-03 02:05:00'), [
    '2024-11-03T05:50:00.000Z',
    '2024-11-03T07:05:00.000Z',
    'twice-first',
  ])
})

test('in an hour that comes twice, a duration to the minute tells as well, and one in another unit is passed over', () => {
  const withDuration = (duration: string, from: string, to: string) =>
    momentsOf(
      read('duration,starttime,stoptime,start station id,end station id', `${duration},${from},${to},1,2`),
    )
  assert.deepEqual(withDuration('1005', '11/1/2015 1:50', '11/1/2015 2:06'), [
    '2015-11-01T06:50:00.000Z',
    '2015-11-01T07:06:00.000Z',
    'twice-resolved',
  ])
  for (const [column, duration] of [
    ['Duration', '0h 16min. 45sec.'],
    ['Duration', '0h 16m 45s'],
    ['Duration (ms)', '1005123'],
  ])
    assert.deepEqual(
      momentsOf(
        read(
          `${column},Start date,End date,Start station,End station`,
          `${duration},11/1/2015 1:50,11/1/2015 2:06,A,B`,
        ),
      ),
      ['2015-11-01T06:50:00.000Z', '2015-11-01T07:06:00.000Z', 'twice-resolved'],
    )
  for (const another of ['20', '1200000', '-2400', 'long'])
    assert.deepEqual(withDuration(another, '11/1/2015 1:50', '11/1/2015 1:10'), [
      '2015-11-01T05:50:00.000Z',
      '2015-11-01T06:10:00.000Z',
      'twice-resolved',
    ])
})

test('what was ridden: e-bikes, not e-scooters', () => {
  const isElectric = (type: string) => {
    const trip = read(NEW, `x,${type},2024-01-02 00:00:00,2024-01-02 00:10:00,A,1,B,2,,,,,`)
    return typeof trip === 'object' && trip.isElectric
  }
  const types = ['electric_bike', 'ebike', 'classic_bike', 'docked_bike', 'electric_scooter', '']
  assert.deepEqual(types.map(isElectric), [true, true, false, false, false, null])
})

test('an hour that does not come, and times that name their offset', () => {
  assert.deepEqual(momentsOf(read(NEW, 'x,,2024-03-10 01:55:00,2024-03-10 02:10:00,A,1,B,2,,,,,')), [
    '2024-03-10T06:55:00.000Z',
    '2024-03-10T07:10:00.000Z',
    'never',
  ])
  const late = read(NEW, 'x,,2024-03-10 02:30:00,2024-03-10 03:05:00,A,1,B,2,,,,,')
  assert.deepEqual(
    momentsOf(late),
    ['2024-03-10T06:30:00.000Z', '2024-03-10T07:05:00.000Z', 'never'],
    'it did not end before it began',
  )
  assert.deepEqual(momentsOf(read(NEW, 'x,,2024-03-10T02:10:00Z,2024-03-10T03:10:00+01:00,A,1,B,2,,,,,')), [
    '2024-03-10T02:10:00.000Z',
    '2024-03-10T02:10:00.000Z',
    null,
  ])
})

test('what cannot have been a trip is named', () => {
  const rule = (from: string, to: string) => read(NEW, `x,,${from},${to},A,1,B,2,,,,,`)
  assert.equal(rule('2024-01-02 00:00:00', '2024-01-01 23:00:00'), 'ends-before-it-begins')
  assert.equal(rule('2024-01-02 00:00:00', '2024-01-03 00:00:01'), 'longer-than-a-day')
  for (const nonsense of ['', 'soon', '2024-02-31 00:00:00', '13/13/2024 0:00'])
    assert.equal(rule('2024-01-02 00:00:00', nonsense), 'unreadable', nonsense)
  const clocks = ['12:05 AM', '12:05 pm', '1:05:00 PM', '13:05:00.000'].map(
    (clock) => readWallTime(`7/1/2017 ${clock}`)?.ms,
  )
  assert.deepEqual(
    clocks,
    [0, 12, 13, 13].map((hour) => Date.UTC(2017, 6, 1, hour, 5)),
  )
  assert.deepEqual(readWallTime('1/2/15 0:01'), { ms: Date.UTC(2015, 0, 2, 0, 1), isUtc: false })
})
