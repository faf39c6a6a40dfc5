import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FeedError } from '../feed-error.ts'
import { readAutoDiscovery } from './read-auto-discovery.ts'

const address = 'https://bikes.example/gbfs/gbfs.json'
const feeds = (folder: string) => [
  { name: 'station_status', url: `https://bikes.example/${folder}/status` },
  { name: 'station_information', url: `https://bikes.example/${folder}/information` },
]
const statusOf = (data: unknown) => readAutoDiscovery({ data }, address).stationStatus

test('feeds are found under English, else under the first language, or directly under data', () => {
  assert.equal(
    statusOf({ fr: { feeds: feeds('fr') }, en: { feeds: feeds('en') } }),
    'https://bikes.example/en/status',
  )
  assert.equal(statusOf({ de: { feeds: feeds('de') } }), 'https://bikes.example/de/status')
  assert.equal(statusOf({ feeds: feeds('v3') }), 'https://bikes.example/v3/status')
})

test('a relative address is relative to that of gbfs.json', () => {
  const relative = [
    { name: 'station_status', url: 'en/status.json' },
    { name: 'station_information', url: '/info.json' },
    { name: 'vehicle_types', url: 'types.json' },
  ]
  assert.deepEqual(readAutoDiscovery({ data: { feeds: relative } }, address), {
    stationStatus: 'https://bikes.example/gbfs/en/status.json',
    stationInformation: 'https://bikes.example/info.json',
    vehicleTypes: 'https://bikes.example/gbfs/types.json',
  })
})

test('an operator without station feeds is told from what there is', () => {
  assert.throws(
    () => readAutoDiscovery({ data: { feeds: [{ name: 'free_bike_status', url: 'x' }] } }, address),
    (error) => error instanceof FeedError && /station_status.*free_bike_status/.test(error.message),
  )
  for (const other of [null, {}, { data: [] }, { data: { en: { feeds: 'x' } } }])
    assert.throws(() => readAutoDiscovery(other, address), FeedError)
})
