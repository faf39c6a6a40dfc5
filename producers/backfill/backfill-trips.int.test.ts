import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { compressed, zipOf } from '@velocast/recordings/testing'
import { systemClock } from '@velocast/runtime'
import { type StationFlow, type StationInformation, type StationStatus, topics } from '@velocast/schemas'
import { createTestKafka, type TestKafka } from '@velocast/testkit'
import { readValues } from '../testing/read-values.ts'
import { backfillTrips, type TripsBackfillOptions } from './backfill-trips.ts'

const system = { systemId: 'test-city', timeZone: 'America/New_York' }
const HEADER =
  'ride_id,rideable_type,started_at,ended_at,start_station_name,start_station_id,end_station_name,end_station_id,start_lat,start_lng,end_lat,end_lng,member_casual'
const PLACES: Record<string, string> = { a: '40.7,-74.0', b: '40.71,-74.0', 'old-a': '40.7001,-74.0' }

let rides = 0
const trip = (from: string, to: string, startedAt: string, endedAt: string, type = 'classic_bike'): string =>
  [
    `ride-${rides++}`,
    type,
    startedAt,
    endedAt,
    from === '' ? '' : `Station ${from.at(-1)}`,
    from,
    to === '' ? '' : `Station ${to.at(-1)}`,
    to,
    PLACES[from] ?? ',',
    PLACES[to] ?? ',',
    'member',
  ].join(',')

/** A trip from a to b every hour of so many days, forty minutes long, so that every other arrival is of the next hour. */
const days = (firstDay: number, count: number): string[] =>
  Array.from({ length: count * 24 }, (_, hour) => {
    const at = (minutes: number): string =>
      new Date(Date.UTC(2024, 0, firstDay, hour, minutes)).toISOString().slice(0, 19).replace('T', ' ')
    return trip('a', 'b', at(30), at(70))
  })

const csv = (...trips: string[]): string => `${[HEADER, ...trips].join('\n')}\n`

const openTest = async (context: TestContext) => {
  const stack = await createTestKafka({ partitions: 1 })
  context.after(() => stack.close())
  const folder = await mkdtemp(join(tmpdir(), 'velocast-trips-'))
  context.after(() => rm(folder, { recursive: true }))
  return {
    stack,
    write: async (name: string, content: string | Buffer): Promise<string> => {
      await writeFile(join(folder, name), content)
      return join(folder, name)
    },
    backfill: (paths: string[], options: Partial<TripsBackfillOptions> = {}) =>
      backfillTrips({ system, paths, kafka: stack.kafka, clock: systemClock, ...options }),
  }
}

const flowsIn = async ({ kafka }: TestKafka): Promise<Map<string, StationFlow>> => {
  const flows = await readValues(kafka, topics.stationFlows)
  return new Map(flows.map((flow) => [`${flow.stationId} ${new Date(flow.hourAt).toISOString()}`, flow]))
}

test('trips become flows by station and hour, with what was wrong with them; a second run publishes nothing', async (context) => {
  const { stack, write, backfill } = await openTest(context)
  const path = await write(
    'trips.csv',
    csv(
      trip('old-a', 'b', '2024-03-09 12:05:00', '2024-03-09 13:01:00', 'electric_bike'),
      trip('a', 'b', '2024-03-09 12:15:00', '2024-03-09 12:31:00'),
      trip('a', '', '2024-03-09 12:20:00', '2024-03-09 12:40:00'),
      trip('', '', '2024-03-09 12:20:00', '2024-03-09 12:40:00'),
      trip('b', 'a', '2024-03-10 01:55:00', '2024-03-10 03:05:00', 'electric_bike'),
      trip('b', 'a', '2024-03-10 02:30:00', '2024-03-10 03:05:00'),
      trip('b', 'a', '2024-03-10 08:30:00', '2024-03-10 08:05:00'),
      trip('b', 'a', '2024-03-10 08:30:00', '2024-03-12 08:05:00'),
      'rubbish',
    ),
  )
  const done = await backfill([path])
  assert.deepEqual(done.trips, {
    read: 9,
    used: 5,
    blankStarts: 1,
    blankEnds: 2,
    impossible: { unreadable: 1, 'ends-before-it-begins': 1, 'longer-than-a-day': 1 },
    clockChanges: { 'twice-resolved': 0, 'twice-first': 0, never: 1 },
  })
  assert.deepEqual([done.stations.successor, done.stations.unknown], [1, 2])
  const flows = await flowsIn(stack)
  const countsOf = (key: string) => {
    const { departures, arrivals, ebikeDepartures, ebikeArrivals } = flows.get(key)!
    return [departures, arrivals, ebikeDepartures, ebikeArrivals]
  }
  assert.deepEqual(countsOf('a 2024-03-09T17:00:00.000Z'), [3, 0, 1, 0])
  assert.deepEqual(countsOf('b 2024-03-09T17:00:00.000Z'), [0, 1, 0, 0])
  assert.deepEqual(countsOf('b 2024-03-09T18:00:00.000Z'), [0, 1, 0, 1])
  assert.deepEqual(
    countsOf('b 2024-03-10T06:00:00.000Z'),
    [2, 0, 1, 0],
    'one of them at 2:30, which there was not',
  )
  assert.deepEqual(countsOf('a 2024-03-10T07:00:00.000Z'), [0, 2, 0, 1])
  assert.equal(flows.size, done.published)

  const again = await backfill([path])
  assert.deepEqual([again.published, again.unchanged], [0, done.published])
})

test('months one after the other end as all at once; a copy in an archive counts once', async (context) => {
  const { stack, write, backfill } = await openTest(context)
  const [january, february] = [csv(...days(1, 3)), csv(...days(4, 3))]
  const first = await write('1.csv.gz', compressed('.gz', january)!)
  const second = await write('2.zip', zipOf({ 'month/2.csv': february, '__MACOSX/2.csv': 'no' }))
  await backfill([first])
  const notices: string[] = []
  const both = [first, second, await write('2.csv', february)]
  await backfill(both, { onNotice: (notice) => notices.push(notice) })
  assert.match(notices.join(), /2\.csv is left out: it begins with the same trip/)
  const flows = await flowsIn(stack)
  const sums = { departures: 0, arrivals: 0 }
  for (const { departures, arrivals } of flows.values()) {
    sums.departures += departures
    sums.arrivals += arrivals
  }
  assert.deepEqual(sums, { departures: 144, arrivals: 144 })
  await backfill([second])
  assert.deepEqual(
    await flowsIn(stack),
    flows,
    'the last month alone does not forget who came over from the one before',
  )
})

test('what the feed knows a station as is what its flows are called; the mapping file says the rest', async (context) => {
  const { stack, write, backfill } = await openTest(context)
  const producer = await stack.kafka.openProducer()
  const facts = {
    systemId: 'test-city',
    capacity: 20,
    isVirtual: false,
    regionId: null,
    polledAt: Date.now(),
  }
  const value = { ...facts, stationId: 'uuid-a', name: 'Station A', latitude: 40.7001, longitude: -74.0 }
  await producer.send([{ topic: topics.stationInformation, value }])
  await producer.close()
  const path = await write('trips.csv', csv(trip('a', 'b', '2024-03-09 12:15:00', '2024-03-09 12:31:00')))
  const done = await backfill([path], { stationIds: new Map([['b', 'uuid-b']]) })
  assert.deepEqual([done.stations['name-and-position'], done.stations.given], [1, 1])
  const names = [...(await flowsIn(stack)).values()].map(({ stationId }) => stationId)
  assert.deepEqual(names, ['uuid-a', 'uuid-b'])
})

test('levels are reconstructed between reports, marked as such, and never where there is a report', async (context) => {
  const { stack, write, backfill } = await openTest(context)
  const path = await write('trips.csv', csv(...days(8, 1)))
  const at = (hour: number, minute: number): number => Date.UTC(2024, 0, 8, 5 + hour, minute)
  const report = { ...reportOf('a', at(6, 7)), bikes: 14, polledAt: at(6, 8) }
  const producer = await stack.kafka.openProducer()
  await producer.send(
    ['a', 'b'].map((stationId) => ({ topic: topics.stationInformation, value: factsOf(stationId) })),
  )
  await producer.send([{ topic: topics.stationStatus, value: report, stampedAt: Date.now() }])
  await producer.close()

  const done = await backfill([path], { reconstruct: true })
  // From the slot of the first trip at 0:30 to the one before the last trip's at 23:30, without the reported one.
  assert.deepEqual(done.reconstructed, { stations: 1, withoutReport: 1, published: 91, unchanged: 0 })
  const statuses = await readValues(stack.kafka, topics.stationStatus)
  const reconstructed = statuses.filter(({ origin }) => origin === 'RECONSTRUCTED')
  assert.equal(reconstructed.length, 91)
  assert.ok(reconstructed.every((status) => status.stationId === 'a' && status.bikes + status.docks! === 20))
  assert.ok(
    reconstructed.every(({ polledAt }) => polledAt > report.polledAt),
    'of two of one moment the table keeps what was known first, and that is the report',
  )
  const levels = new Map(reconstructed.map(({ observedAt, bikes }) => [observedAt, bikes]))
  assert.equal(levels.has(at(6, 15)), false, 'the slot of the report')
  assert.deepEqual(
    [at(0, 45), at(6, 0), at(6, 45), at(22, 45), at(23, 30)].map((slot) => levels.get(slot)),
    [19, 14, 13, 0, 0],
  )
  const again = await backfill([path], { reconstruct: true })
  assert.deepEqual([again.reconstructed?.published, again.reconstructed?.unchanged], [0, 91])
})

const factsOf = (stationId: string): StationInformation => ({
  systemId: system.systemId,
  stationId,
  name: `Station ${stationId.toUpperCase()}`,
  latitude: 40.7,
  longitude: -74,
  capacity: 20,
  isVirtual: false,
  regionId: null,
  polledAt: Date.UTC(2024, 0, 1),
})

const reportOf = (stationId: string, observedAt: number): StationStatus => ({
  systemId: system.systemId,
  stationId,
  observedAt,
  polledAt: observedAt,
  reportedAt: null,
  bikes: 0,
  ebikes: null,
  docks: null,
  bikesDisabled: 0,
  docksDisabled: 0,
  isInstalled: true,
  isRenting: true,
  isReturning: true,
  capacity: 20,
  latitude: 40.7,
  longitude: -74,
  origin: 'REPORTED',
})

test('a file that holds no trips is named', async (context) => {
  const { write, backfill } = await openTest(context)
  const path = await write('status.csv', 'snapshot_ts,station_id\n1,2\n')
  await assert.rejects(backfill([path]), /status\.csv is no trip file: .*no column started_at/)
})

/** Found by another program: Python's csv, lzma and zoneinfo over the same files. 31 trips end at a station with a name and no id. */
const EXPECTED = {
  counts: { read: 348_450, blankStarts: 101, blankEnds: 909 },
  impossible: { unreadable: 0, 'ends-before-it-begins': 0, 'longer-than-a-day': 143 },
  sums: { hours: 181_740, departures: 348_206, arrivals: 347_398, ebikeDepartures: 195_665 },
  /** Departures and arrivals at Grove St PATH, 15 May, 17:00 to 18:00 local time. */
  oneHour: [21, 6],
}

const jerseyCity = resolve(import.meta.dirname, '../../../shared/data/trips')
test('Jersey City, five months of 2024', {
  skip: existsSync(jerseyCity) ? false : `${jerseyCity} is not there: trips are not part of the project`,
}, async (context) => {
  const { stack, backfill } = await openTest(context)
  const startedAt = performance.now()
  const done = await backfill([jerseyCity])
  context.diagnostic(`${Math.round(done.trips.read / ((performance.now() - startedAt) / 1000))} trips/s`)
  const { read, blankStarts, blankEnds, impossible } = done.trips
  assert.deepEqual({ read, blankStarts, blankEnds }, EXPECTED.counts)
  assert.deepEqual(impossible, EXPECTED.impossible)
  const flows = await flowsIn(stack)
  const sums = { hours: flows.size, departures: 0, arrivals: 0, ebikeDepartures: 0 }
  for (const { departures, arrivals, ebikeDepartures } of flows.values()) {
    sums.departures += departures
    sums.arrivals += arrivals
    sums.ebikeDepartures += ebikeDepartures ?? 0
  }
  assert.deepEqual(sums, EXPECTED.sums)
  const { departures, arrivals } = flows.get('JC115 2024-05-15T21:00:00.000Z')!
  assert.deepEqual([departures, arrivals], EXPECTED.oneHour)
})
