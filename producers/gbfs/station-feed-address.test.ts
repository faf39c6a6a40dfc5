import assert from 'node:assert/strict'
import { test } from 'node:test'
import { besideStationFeed, systemBesideStationFeed } from './station-feed-address.ts'

const ADDRESSES = [
  ['https://a.example/en/station_status.json', 'https://a.example/en/station_information.json'],
  ['https://a.example/stationStatus', 'https://a.example/stationInformation'],
  ['https://a.example/StationStatus.json', 'https://a.example/StationInformation.json'],
  ['https://a.example/station-status.json', 'https://a.example/station-information.json'],
  ['file:///d/velib_station_status_2024.json.gz', 'file:///d/velib_station_information_2024.json.gz'],
  ['https://a.example/station_status/v2?k=1', 'https://a.example/station_information/v2?k=1'],
  ['https://a.example/feed?name=station_status&k=1', 'https://a.example/feed?name=station_information&k=1'],
] as const

test('the other station feed is called alike', () => {
  for (const [status, information] of ADDRESSES) {
    assert.equal(besideStationFeed(status, 'station_information'), information)
    assert.equal(besideStationFeed(information, 'station_status'), status)
    assert.equal(besideStationFeed(status, 'station_status'), status)
  }
})

test('a folder that has the words in its name keeps it', () => {
  assert.equal(
    besideStationFeed('file:///my_station_status_dumps/station_status.json', 'station_information'),
    'file:///my_station_status_dumps/station_information.json',
  )
})

test('system_information is beside them, written likewise', () => {
  assert.equal(
    systemBesideStationFeed('https://a.example/stationStatus'),
    'https://a.example/systemInformation',
  )
  assert.equal(
    systemBesideStationFeed('https://a.example/station-information.json'),
    'https://a.example/system-information.json',
  )
  assert.equal(systemBesideStationFeed('https://a.example/stations.json'), null)
})
