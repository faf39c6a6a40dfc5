import assert from 'node:assert/strict'
import test from 'node:test'
import type { StationReport } from './feed-source.ts'
import {
  discoveryDocument,
  GBFS_VERSIONS,
  type GbfsVersion,
  stationInformationDocument,
  stationStatusDocument,
  systemInformationDocument,
  vehicleTypesDocument,
} from './gbfs-documents.ts'

const AT = Date.UTC(2026, 4, 4, 8)
const system = { systemId: 'demo', name: 'Demo', timeZone: 'Europe/Berlin', latitude: 52.5, longitude: 13.4 }
const report: StationReport = {
  stationId: '1001',
  bikes: 7,
  ebikes: 2,
  docks: 5,
  bikesDisabled: 1,
  docksDisabled: 0,
  isInstalled: true,
  isRenting: true,
  isReturning: false,
  reportedAt: AT - 61_500,
}
const unknown = { ...report, ebikes: null, bikesDisabled: null, reportedAt: null }

/** As a client reads it. */
const sent = (document: object) => JSON.parse(JSON.stringify(document))
const statusOf = (version: GbfsVersion, reports = [report]) =>
  sent(stationStatusDocument(version, reports, AT, { ttlSeconds: 60 }))

test('every document says when, for how long and in which version', () => {
  for (const version of GBFS_VERSIONS)
    for (const document of [
      discoveryDocument(version, 'http://feed', AT),
      systemInformationDocument(version, system, AT),
      vehicleTypesDocument(version, AT),
      stationInformationDocument(version, [], AT),
      stationStatusDocument(version, [], AT, { ttlSeconds: 60 }),
    ]) {
      const { last_updated, ttl, version: said, data } = sent(document)
      assert.equal(last_updated, version === '3.0' ? '2026-05-04T08:00:00Z' : AT / 1000)
      assert.ok(Number.isInteger(ttl))
      assert.equal(said, version)
      assert.equal(typeof data, 'object')
    }
})

test('discovery is by language up to 2.3, and one list in 3.0', () => {
  const feeds = (version: GbfsVersion, list: { name: string; url: string }[]): void => {
    const names = list.map(({ name }) => name)
    assert.deepEqual(
      names.toSorted(),
      version === '1.1'
        ? ['station_information', 'station_status', 'system_information']
        : ['station_information', 'station_status', 'system_information', 'vehicle_types'],
    )
    for (const { name, url } of list) assert.match(url, new RegExp(`^http://feed/(en/)?${name}\\.json$`))
  }
  feeds('1.1', sent(discoveryDocument('1.1', 'http://feed', AT)).data.en.feeds)
  feeds('2.3', sent(discoveryDocument('2.3', 'http://feed', AT)).data.en.feeds)
  feeds('3.0', sent(discoveryDocument('3.0', 'http://feed', AT)).data.feeds)
})

test('1.1: numbers for flags, POSIX times, no vehicle types', () => {
  assert.deepEqual(statusOf('1.1').data.stations, [
    {
      station_id: '1001',
      num_bikes_available: 7,
      num_ebikes_available: 2,
      num_bikes_disabled: 1,
      num_docks_available: 5,
      num_docks_disabled: 0,
      is_installed: 1,
      is_renting: 1,
      is_returning: 0,
      last_reported: AT / 1000 - 62,
    },
  ])
})

test('2.3: booleans, and a count for each vehicle type', () => {
  const [station] = statusOf('2.3').data.stations
  assert.equal(station.is_installed, true)
  assert.equal(station.is_returning, false)
  assert.equal(station.num_bikes_available, 7)
  assert.equal(station.last_reported, AT / 1000 - 62)
  const types = sent(vehicleTypesDocument('2.3', AT)).data.vehicle_types
  for (const { vehicle_type_id, count } of station.vehicle_types_available) {
    const type = types.find((each: { vehicle_type_id: string }) => each.vehicle_type_id === vehicle_type_id)
    assert.equal(count, type.propulsion_type === 'electric_assist' ? 2 : 5)
    assert.equal(type.form_factor, 'bicycle')
    assert.equal(
      'max_range_meters' in type,
      type.propulsion_type !== 'human',
      'required of motors, and only there',
    )
  }
})

test('3.0: vehicles, RFC 3339 times, texts by language', () => {
  const [station] = statusOf('3.0').data.stations
  assert.equal(station.num_vehicles_available, 7)
  assert.equal(station.num_vehicles_disabled, 1)
  assert.equal('num_bikes_available' in station || 'num_ebikes_available' in station, false)
  assert.equal(station.last_reported, '2026-05-04T07:58:58.500Z')
  const profile = {
    stationId: '1001',
    name: 'Mill Lane',
    shortName: 'ML',
    latitude: 1,
    longitude: 2,
    capacity: 13,
  }
  const [information] = sent(stationInformationDocument('3.0', [profile], AT)).data.stations
  assert.deepEqual(information.name, [{ text: 'Mill Lane', language: 'en' }])
  assert.deepEqual(information.short_name, [{ text: 'ML', language: 'en' }])
  const { data } = sent(systemInformationDocument('3.0', system, AT))
  for (const field of ['system_id', 'languages', 'name', 'opening_hours', 'feed_contact_email', 'timezone'])
    assert.ok(field in data, `${field} is required in 3.0`)
})

test('station information has what a map needs, in plain texts up to 2.3', () => {
  const profile = { stationId: '1001', name: 'Mill Lane', latitude: 1, longitude: 2, capacity: 13 }
  for (const version of ['1.1', '2.3'] as const)
    assert.deepEqual(sent(stationInformationDocument(version, [profile], AT)).data.stations, [
      { station_id: '1001', name: 'Mill Lane', lat: 1, lon: 2, capacity: 13 },
    ])
})

test('what a source does not know is left out', () => {
  for (const version of GBFS_VERSIONS) {
    const [station] = statusOf(version, [unknown]).data.stations
    for (const field of [
      'num_ebikes_available',
      'num_bikes_disabled',
      'num_vehicles_disabled',
      'last_reported',
    ])
      assert.equal(field in station, false, `${version} ${field}`)
    assert.equal('vehicle_types_available' in station, false)
  }
})
