/** Every oddity in every version of GBFS that it can be in: what is counted, and that nothing else is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkFeed } from './check-feed.ts'
import { ODDITIES, type Oddity } from './oddity.ts'
import {
  ADDRESS,
  type AnyJson,
  cleanFeed,
  type Feed,
  isVersion3,
  momentOf,
  POLLED_AT,
  serve,
  UPDATED_AT,
  VERSIONS,
  type Version,
} from './testing/clean-feed.ts'

interface OddFeed {
  /** How often it is counted. */
  count: number
  change: (feed: Feed, version: Version) => void
  /** Versions in which it is odd; all by default. */
  versions?: (version: Version) => boolean
  /** What else is counted. */
  also?: Partial<Record<Oddity, number>> | ((version: Version) => Partial<Record<Oddity, number>>)
  address?: string
}

const before3 = (version: Version): boolean => !isVersion3(version)
const before2 = (version: Version): boolean => version.startsWith('1')
const stations = (feed: Feed, name = 'station_status'): AnyJson[] => feed[name].data.stations
const bikesIn = (version: Version): string =>
  isVersion3(version) ? 'num_vehicles_available' : 'num_bikes_available'
const at = (moment: number, version: Version): AnyJson => momentOf(moment, version)

/** A change of a station's status, or information; not the first, by whose looks the version is guessed. */
const ofStatus = (change: (station: AnyJson, version: Version) => void) => (feed: Feed, version: Version) =>
  change(stations(feed)[1], version)
const ofInformation =
  (change: (station: AnyJson, version: Version) => void) => (feed: Feed, version: Version) =>
    change(stations(feed, 'station_information')[1], version)
const listed = (feed: Feed): AnyJson[] => feed.gbfs.data.feeds ?? feed.gbfs.data.en.feeds

const TABLE: Record<Exclude<Oddity, `weather-${string}`>, OddFeed> = {
  'version-missing': {
    count: 1,
    versions: (version) => !before2(version),
    change: (feed) => delete feed.station_status.version,
  },
  'version-unknown': {
    count: 1,
    change: (feed) => {
      feed.station_status.version = '9.7'
    },
    also: (version) => ({
      'version-differs': version === '1.0' ? 0 : 1,
      ...(isVersion3(version)
        ? {}
        : {
            'time-of-another-version': 7,
            'counts-of-another-version': 6,
            'boolean-as-number': before2(version) ? 18 : 0,
          }),
    }),
  },
  'version-differs': {
    count: 1,
    versions: (version) => version.startsWith('2'),
    change: (feed, version) => {
      feed.station_status.version = version === '2.3' ? '2.2' : '2.3'
    },
  },
  'list-elsewhere': {
    count: 1,
    change: (feed) => {
      feed.station_status.data = stations(feed)
    },
  },
  'no-stations': {
    count: 1,
    change: (feed) => {
      feed.station_status.data.stations = []
    },
    also: { 'station-without-status': 6 },
  },
  'last-updated-under-another-name': {
    count: 1,
    change: ({ station_status }) => {
      station_status.lastUpdatedOther = station_status.last_updated
      delete station_status.last_updated
    },
  },
  'last-updated-missing': { count: 1, change: (feed) => delete feed.station_status.last_updated },
  'last-updated-in-the-future': {
    count: 1,
    change: (feed, version) => {
      feed.station_status.last_updated = at(POLLED_AT + 1000, version)
    },
  },
  'ttl-missing': { count: 1, change: (feed) => delete feed.station_status.ttl },
  'ttl-implausible': {
    count: 1,
    change: (feed) => {
      feed.station_status.ttl = -1
    },
  },
  'boolean-as-number': {
    count: 1,
    versions: (version) => !before2(version),
    change: ofStatus((station) => {
      station.is_renting = 0
    }),
  },
  'boolean-as-text': {
    count: 1,
    change: ofStatus((station) => {
      station.is_renting = 'true'
    }),
  },
  'boolean-unreadable': {
    count: 1,
    change: ofStatus((station) => {
      station.is_renting = 'maybe'
    }),
  },
  'boolean-missing': { count: 1, change: ofStatus((station) => delete station.is_returning) },
  'number-as-text': {
    count: 1,
    change: ofStatus((station, version) => {
      station[bikesIn(version)] = '1'
    }),
  },
  'text-as-number': {
    count: 1,
    change: ofInformation((station) => {
      station.name = 12
    }),
  },
  'time-as-text': {
    count: 1,
    change: ofStatus((station) => {
      station.last_reported = String(UPDATED_AT / 1000)
    }),
  },
  'time-in-milliseconds': {
    count: 1,
    change: ofStatus((station) => {
      station.last_reported = UPDATED_AT
    }),
    also: (version) => ({ 'time-of-another-version': isVersion3(version) ? 1 : 0 }),
  },
  'time-of-another-version': {
    count: 1,
    change: ofStatus((station, version) => {
      station.last_reported = at(UPDATED_AT, isVersion3(version) ? '2.3' : '3.0')
    }),
  },
  'time-without-zone': {
    count: 1,
    versions: isVersion3,
    change: ofStatus((station) => {
      station.last_reported = '2026-03-02T08:00:00'
    }),
  },
  'name-of-another-version': {
    count: 1,
    change: ofInformation((station, version) => {
      station.name = before3(version) ? [{ text: 'Harbour', language: 'en' }] : 'Harbour'
    }),
  },
  'counts-of-another-version': {
    count: 1,
    change: ofStatus((station, version) => {
      delete station[bikesIn(version)]
      station[isVersion3(version) ? 'num_bikes_available' : 'num_vehicles_available'] = 1
    }),
  },
  'field-under-another-name': {
    count: 2,
    change: ofStatus((station) => {
      station.numDocksAvailable = station.num_docks_available
      station.isRenting = station.is_renting
      delete station.num_docks_available
      delete station.is_renting
    }),
  },
  'entry-unreadable': { count: 1, change: (feed) => stations(feed).push(null) },
  'station-id-missing': {
    count: 1,
    change: ofStatus((station) => delete station.station_id),
    also: { 'station-without-status': 1 },
  },
  'station-id-too-long': {
    count: 1,
    change: ofStatus((station) => {
      station.station_id = 'x'.repeat(201)
    }),
    also: { 'station-without-status': 1 },
  },
  'station-id-under-another-name': {
    count: 1,
    change: ofStatus((station) => {
      station.id = station.station_id
      delete station.station_id
    }),
  },
  'numeric-station-id': {
    count: 1,
    change: (feed) => {
      stations(feed)[0].station_id = 7
      stations(feed, 'station_information')[0].station_id = '7'
    },
  },
  'padded-station-id': {
    count: 1,
    change: ofStatus((station) => {
      station.station_id = ` ${station.station_id}`
    }),
  },
  'control-characters': {
    count: 2,
    change: (feed) => {
      stations(feed)[1].station_id = '\u200bs\u00001'
      stations(feed, 'station_information')[1].name = 'Har\u0000bour\u001b'
    },
    also: (version) => ({ 'name-of-another-version': isVersion3(version) ? 1 : 0 }),
  },
  'station-ids-joined': {
    count: 2,
    change: (feed) => {
      stations(feed)[0].station_id = '7'
      stations(feed, 'station_information')[0].station_id = '007'
      stations(feed)[1].station_id = 'ab'
      stations(feed, 'station_information')[1].station_id = 'AB'
    },
  },
  'similar-station-ids': {
    count: 1,
    change: (feed) => stations(feed).push({ ...stations(feed)[0], station_id: 'S0' }),
    also: { 'station-without-information': 1 },
  },
  'duplicate-station': { count: 1, change: (feed) => stations(feed).push(stations(feed)[0]) },
  'duplicate-station-differs': {
    count: 1,
    change: (feed) => stations(feed).push({ ...stations(feed)[0], num_docks_available: 1 }),
  },
  'station-without-status': { count: 2, change: (feed) => stations(feed).splice(0, 2) },
  'station-without-information': {
    count: 2,
    change: (feed) => stations(feed, 'station_information').splice(0, 2),
  },
  'bikes-missing': { count: 1, change: ofStatus((station, version) => delete station[bikesIn(version)]) },
  'count-not-a-number': {
    count: 1,
    change: ofStatus((station, version) => {
      station[bikesIn(version)] = 'NaN'
    }),
  },
  'count-negative': {
    count: 1,
    change: ofStatus((station, version) => {
      station[bikesIn(version)] = -1
    }),
  },
  'count-not-whole': {
    count: 1,
    change: ofStatus((station, version) => {
      station[bikesIn(version)] = 0.5
    }),
  },
  'count-too-large': {
    count: 1,
    change: ofStatus((station, version) => {
      station[bikesIn(version)] = 10_001
    }),
  },
  'count-summed': {
    count: 1,
    change: ofStatus((station, version) => {
      delete station[bikesIn(version)]
      station.vehicle_types_available = [{ vehicle_type_id: 'a', count: 1 }]
    }),
  },
  'counts-disagree': {
    count: 1,
    change: ofStatus((station) => {
      station.num_bikes_available = 1
      station.num_vehicles_available = 0
    }),
  },
  'types-disagree': {
    count: 2,
    change: ofStatus((station) => {
      station.vehicle_types_available = [
        { vehicle_type_id: 'a', count: 1 },
        { vehicle_type_id: 'b', count: 3 },
      ]
      station.vehicle_docks_available = [{ vehicle_type_ids: ['a'], count: 18 }]
    }),
  },
  'docks-missing': {
    count: 1,
    change: ofStatus((station) => {
      station.num_docks_available = null
    }),
  },
  'docks-implausible': {
    count: 1,
    change: ofStatus((station) => {
      station.num_docks_available = -1
    }),
  },
  'disabled-implausible': {
    count: 2,
    change: ofStatus((station) => {
      station.num_docks_disabled = 'x'
      station.num_bikes_disabled = 0.5
    }),
    also: (version) => ({ 'counts-of-another-version': isVersion3(version) ? 1 : 0 }),
  },
  'ebikes-implausible': {
    count: 1,
    change: ofStatus((station) => {
      station.num_ebikes_available = 9
    }),
  },
  'last-reported-missing': { count: 1, change: ofStatus((station) => delete station.last_reported) },
  'last-reported-implausible': {
    count: 1,
    change: ofStatus((station, version) => {
      station.last_reported = at(0, version)
    }),
  },
  'last-reported-in-the-future': {
    count: 1,
    change: ofStatus((station, version) => {
      station.last_reported = at(POLLED_AT + 600_000, version)
    }),
  },
  'last-reported-all-the-same': {
    count: 6,
    change: (feed, version) => {
      for (const station of stations(feed)) station.last_reported = at(UPDATED_AT, version)
    },
  },
  'name-missing': { count: 1, change: ofInformation((station) => delete station.name) },
  'position-missing': {
    count: 1,
    change: ofInformation((station) => {
      station.lat = 0
      station.lon = 0
    }),
  },
  'position-under-another-name': {
    count: 2,
    change: ofInformation((station) => {
      station.latitude = station.lat
      station.lng = station.lon
      delete station.lat
      delete station.lon
    }),
  },
  'capacity-missing': { count: 1, change: ofInformation((station) => delete station.capacity) },
  'capacity-zero': {
    count: 1,
    change: ofInformation((station) => {
      station.capacity = 0
    }),
  },
  'capacity-implausible': {
    count: 1,
    change: ofInformation((station) => {
      station.capacity = -20
    }),
  },
  'capacity-exceeded': {
    count: 1,
    change: ofInformation((station) => {
      station.capacity = 19
    }),
  },
  'no-auto-discovery': {
    count: 1,
    change: () => {},
    address: 'https://bikes.example/station_status',
  },
  'feeds-elsewhere': {
    count: 1,
    versions: (version) => version !== '1.0',
    change: (feed, version) => {
      const feeds = listed(feed)
      feed.gbfs.data = isVersion3(version) ? { en: { feeds } } : { feeds }
    },
  },
  'feed-listed-twice': {
    count: 1,
    change: (feed) => {
      listed(feed).push({ name: 'station_status', url: 'https://bikes.example/other' }, listed(feed)[0])
    },
  },
  'feed-in-another-language': {
    count: 1,
    versions: before3,
    change: (feed) => {
      feed.gbfs.data.fr = { feeds: listed(feed).splice(0, 1) }
    },
  },
  'feed-address-relative': {
    count: 1,
    change: (feed) => {
      listed(feed)[0].url = 'station_status'
    },
  },
  'feed-address-insecure': {
    count: 1,
    change: (feed) => {
      listed(feed)[0].url = 'http://bikes.example/station_status'
    },
  },
  'feed-address-unreadable': {
    count: 1,
    change: (feed) => listed(feed).unshift({ name: 'station_status', url: 'https://' }),
    also: { 'feed-listed-twice': 1 },
  },
  'station-feed-not-listed': {
    count: 1,
    change: (feed, version) => listed(feed).splice(before2(version) ? 0 : 1, 1),
  },
  'information-unreadable': { count: 1, change: (feed) => delete feed.station_information },
  'time-zone-unknown': {
    count: 1,
    change: (feed) => {
      feed.system_information.data.timezone = 'Oslo'
    },
  },
  'system-information-elsewhere': {
    count: 1,
    change: (feed) => {
      feed.system_information.data = { de: { name: 'Räder' }, en: feed.system_information.data }
    },
  },
  'system-information-unreadable': { count: 1, change: (feed) => listed(feed).splice(2, 1) },
}

test('docks that are -1 everywhere cost no station', async () => {
  for (const version of VERSIONS) {
    const feed = cleanFeed(version)
    for (const station of stations(feed)) station.num_docks_available = -1
    const { isFollowable, usable, status } = await checkFeed({
      address: ADDRESS,
      request: serve(feed),
      now: POLLED_AT,
    })
    assert.deepEqual([isFollowable, usable.both], [true, 6], version)
    assert.ok(status?.stations.every(({ docks }) => docks === null))
  }
})

test('a status that counts nothing at any station says so in plain words', async () => {
  for (const bikes of [-1, null, 'n/a']) {
    const feed = cleanFeed('2.2')
    for (const station of stations(feed)) station.num_bikes_available = bikes
    const { isFollowable, reasons } = await checkFeed({
      address: ADDRESS,
      request: serve(feed),
      now: POLLED_AT,
    })
    assert.equal(isFollowable, false)
    assert.deepEqual(reasons, [
      `at each of the 6 stations in station_status num_bikes_available is ${JSON.stringify(bikes)}: it does not say how many vehicles there are, and without that there is nothing to forecast`,
    ])
  }
})

const countsOf = async (feed: Feed, address = ADDRESS): Promise<Record<string, number>> => {
  const { oddities } = await checkFeed({ address, request: serve(feed), now: POLLED_AT })
  for (const { rule, example } of oddities) assert.ok(example.length > 0, rule)
  return Object.fromEntries(oddities.map(({ rule, count }) => [rule, count]))
}

test('a feed that is as it should be has no oddities, in any version', async () => {
  for (const version of VERSIONS) assert.deepEqual(await countsOf(cleanFeed(version)), {}, version)
})

for (const [rule, { count, change, versions = () => true, also = {}, address }] of Object.entries(TABLE))
  test(`${rule}: ${ODDITIES[rule as Oddity].means}`, async () => {
    for (const version of VERSIONS.filter(versions)) {
      const feed = cleanFeed(version)
      change(feed, version)
      const others = typeof also === 'function' ? also(version) : also
      const expected = Object.entries({ [rule]: count, ...others }).filter(([, times]) => times > 0)
      assert.deepEqual(await countsOf(feed, address), Object.fromEntries(expected.sort()), version)
    }
  })

test('a status at an address that says nothing of its kind has no station_information', async () => {
  const { station_status: status } = cleanFeed('2.3')
  const address = 'https://bikes.example/stations'
  const { listed: counts, oddities } = await checkFeed({
    address,
    request: serve({ stations: status }),
    now: POLLED_AT,
  })
  assert.deepEqual(counts, { information: 0, status: 6, both: 0 })
  assert.deepEqual(
    oddities.map(({ rule }) => rule),
    ['information-unreadable', 'no-auto-discovery', 'system-information-unreadable'],
  )
})
