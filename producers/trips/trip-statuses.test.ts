import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { StationStatus } from '@velocast/schemas'
import { surveyTrips, tripStatuses } from './trip-statuses.ts'

const folder = mkdtempSync(join(tmpdir(), 'velocast-trips-'))
after(() => rmSync(folder, { recursive: true }))

const HEADER = 'started_at,ended_at,start_station_id,end_station_id,start_lat,start_lng,end_lat,end_lng'
const trips = (...rows: string[]): string => {
  const path = join(folder, 'trips.csv')
  writeFileSync(path, [HEADER, ...rows].join('\n'))
  return path
}
const trip = (start: string, end: string, from: string, to: string): string =>
  `2026-03-02 ${start},2026-03-02 ${end},${from},${to},40.7,-74.04,40.71,-74.05`

const read = async (path: string): Promise<StationStatus[]> => {
  const { read: statuses } = tripStatuses({ systemId: 'x', paths: [path], timeZone: 'America/New_York' })
  return (await Array.fromAsync(statuses())).flat()
}

test('every trip is a step down and a step up, at its own moment; between them a report each quarter of an hour', async () => {
  const statuses = await read(
    trips(trip('08:01:00', '08:20:00', 'a', 'b'), trip('08:40:00', '08:50:00', 'b', 'a')),
  )
  const of = (stationId: string) =>
    statuses
      .filter((status) => status.stationId === stationId)
      .map(
        ({ observedAt, bikes, docks }) =>
          `${new Date(observedAt).toISOString().slice(11, 16)} ${bikes}/${docks}`,
      )
  assert.deepEqual(of('a'), ['13:01 5/7', '13:15 5/7', '13:30 5/7', '13:45 5/7', '13:50 6/6', '14:00 6/6'])
  assert.deepEqual(of('b'), ['13:20 7/5', '13:30 7/5', '13:40 6/6', '13:45 6/6'])
  assert.ok(statuses.every(({ polledAt }, index) => index === 0 || polledAt >= statuses[index - 1]!.polledAt))
})

test('a bike that leaves an empty station was brought by a truck, whose load is no arrival', async () => {
  const minute = (at: number): string => `08:${String(at).padStart(2, '0')}:00`
  const statuses = await read(
    trips(
      ...Array.from({ length: 9 }, (_, index) => trip(minute(index), minute(index + 20), 'a', `b${index}`)),
    ),
  )
  const levels = statuses.filter(({ stationId }) => stationId === 'a').map(({ bikes }) => bikes)
  // Twice at 8:00: the first trip, and the quarter of an hour.
  assert.deepEqual(levels.slice(0, 10), [5, 5, 4, 3, 2, 1, 0, 6, 5, 4])
  const times = statuses.filter(({ stationId }) => stationId === 'a').map(({ observedAt }) => observedAt)
  assert.equal(new Set(times).size, times.length, 'no moment comes twice')
})

test('a station of which next to no trips are here is another city’s, and is left out and said', async () => {
  const notices: string[] = []
  const onDay = (day: number, row: string): string =>
    row.replaceAll('2026-03-02', `2026-03-${String(day).padStart(2, '0')}`)
  const days = Array.from({ length: 22 }, (_, index) => index + 2)
  const path = trips(
    ...days.flatMap((day) => [
      onDay(day, trip('08:00:00', '08:10:00', 'a', 'b')),
      onDay(day, trip('18:00:00', '18:10:00', 'b', 'a')),
    ]),
    // Many come over the river, none goes back in this file; two are not three.
    ...days.map((day) => onDay(day, trip('09:00:00', '09:40:00', 'a', 'over-the-river'))),
    ...[4, 11].flatMap((day) => [
      onDay(day, trip('10:00:00', '10:10:00', 'a', 'rare')),
      onDay(day, trip('11:00:00', '11:10:00', 'rare', 'a')),
    ]),
  )
  const recording = tripStatuses({
    systemId: 'x',
    paths: [path],
    timeZone: 'America/New_York',
    onNotice: (notice) => void notices.push(notice),
  })
  const statuses = (await Array.fromAsync(recording.read())).flat()
  assert.deepEqual([...new Set(statuses.map(({ stationId }) => stationId))].sort(), ['a', 'b'])
  assert.deepEqual([...recording.stations.keys()].sort(), ['a', 'b'])
  assert.match(notices.join('\n'), /^2 of 4 stations are left out/)
})

test('files of trips are told from others', async () => {
  assert.deepEqual(await surveyTrips([trips(trip('08:00:00', '08:10:00', 'a', 'b'))]), {
    latitude: 40.7,
    longitude: -74.04,
  })
  const other = join(folder, 'status.csv')
  writeFileSync(other, 'snapshot_ts,station_id,num_bikes_available\n1,a,3\n')
  assert.equal(await surveyTrips([other]), null)
})
