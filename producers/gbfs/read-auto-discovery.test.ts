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

test('a document that says why there is no feed is quoted', () => {
  const cases: [document: unknown, words: RegExp][] = [
    [{ error: 'quota exceeded' }, /station feed: it says "quota exceeded"$/],
    [{ message: 'no\u0000 key', status: 403 }, /it says "no\\u0000 key"$/],
    [{ Data: {}, Last_Updated: 1 }, /it holds Data, Last_Updated$/],
    [{ data: [] }, /its "data" is a list of 0$/],
    [{}, /it holds nothing$/],
    [null, /it is null$/],
  ]
  for (const [document, message] of cases)
    assert.throws(() => readAutoDiscovery(document, 'https://bikes.example/gbfs.json'), {
      name: 'FeedError',
      message,
    })
})

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
  const { oddities, ...feeds } = readAutoDiscovery({ version: '3.0', data: { feeds: relative } }, address)
  assert.deepEqual(feeds, {
    stationStatus: 'https://bikes.example/gbfs/en/status.json',
    stationInformation: 'https://bikes.example/info.json',
    vehicleTypes: 'https://bikes.example/gbfs/types.json',
    systemInformation: null,
    versions: null,
    version: '3.0',
    languages: [],
  })
  assert.deepEqual(
    oddities.map(({ rule, count }) => [rule, count]),
    [['feed-address-relative', 3]],
  )
})

test('an operator without station feeds is told from what there is', () => {
  assert.throws(
    () => readAutoDiscovery({ data: { feeds: [{ name: 'free_bike_status', url: 'x' }] } }, address),
    (error) => error instanceof FeedError && /station_status.*free_bike_status/.test(error.message),
  )
  for (const other of [null, {}, { data: [] }, { data: { en: { feeds: 'x' } } }])
    assert.throws(() => readAutoDiscovery(other, address), FeedError)
})

test('the language wanted comes first, and another one is taken for what it lacks', () => {
  const [status, information] = feeds('sv')
  const data = { en: { feeds: feeds('en') }, 'sv-SE': { feeds: [status] }, fr: { feeds: [information] } }
  const { stationStatus, stationInformation, languages, oddities } = readAutoDiscovery({ data }, address, {
    language: 'sv',
  })
  assert.equal(stationStatus, 'https://bikes.example/sv/status')
  assert.equal(stationInformation, 'https://bikes.example/en/information')
  assert.deepEqual(languages, ['sv-SE', 'en', 'fr'])
  assert.deepEqual(oddities, [
    {
      rule: 'feed-in-another-language',
      count: 1,
      example: 'station_information is listed under en, not under sv-SE',
    },
  ])
})

test('feeds are found where the version does not have them', () => {
  for (const document of [
    { data: feeds('x') },
    { feeds: feeds('x') },
    { version: '2.3', data: { feeds: feeds('x') } },
    { version: '3.0', data: { en: { feeds: feeds('x') } } },
  ]) {
    const { stationStatus, oddities } = readAutoDiscovery(document, address)
    assert.equal(stationStatus, 'https://bikes.example/x/status')
    assert.ok(oddities.some(({ rule }) => rule === 'feeds-elsewhere'))
  }
  const byName = { station_status: 'https://bikes.example/x/status', 'station_information.json': '/info' }
  assert.equal(statusOf({ en: { feeds: byName } }), 'https://bikes.example/x/status')
})

test('addresses are completed and made secure, and what is none is ignored', () => {
  const listed = (url: string) => [{ name: 'Station_Status.json ', url }]
  const rulesOf = (url: string) => {
    const { stationStatus, oddities } = readAutoDiscovery({ data: { feeds: listed(url) } }, address)
    return [stationStatus, ...oddities.map(({ rule }) => rule).filter((rule) => rule.startsWith('feed-'))]
  }
  assert.deepEqual(rulesOf('//cdn.example/s'), ['https://cdn.example/s', 'feed-address-relative'])
  assert.deepEqual(rulesOf('cdn.example.org/s'), ['https://cdn.example.org/s', 'feed-address-relative'])
  assert.deepEqual(rulesOf('http://bikes.example/s'), ['https://bikes.example/s', 'feed-address-insecure'])
  assert.deepEqual(rulesOf('http://other.example/s'), ['http://other.example/s'])
  assert.throws(() => rulesOf('http://'), FeedError)
})

test('a station feed stands for its gbfs.json, and the other one is beside it', () => {
  const station = { station_id: 1, num_bikes_available: 2 }
  const document = { data: { stations: [station] } }
  const besides = (path: string) => {
    const { stationStatus, stationInformation } = readAutoDiscovery(document, `https://bikes.example/${path}`)
    return [stationStatus, stationInformation].map((found) => found.replace('https://bikes.example/', ''))
  }
  assert.deepEqual(besides('station_status.json?key=1'), [
    'station_status.json?key=1',
    'station_information.json?key=1',
  ])
  assert.deepEqual(besides('station_information'), ['station_status', 'station_information'])
  assert.deepEqual(besides('v1/stationStatus'), ['v1/stationStatus', 'v1/stationInformation'])
  assert.deepEqual(besides('stations'), ['stations', 'stations'])
})

test('a manifest says which systems there are', () => {
  const datasets = [{ system_id: 'x', versions: [{ version: '3.0', url: 'https://bikes.example/x/gbfs' }] }]
  assert.throws(
    () => readAutoDiscovery({ data: { datasets } }, address),
    /1 systems.*https:\/\/bikes.example\/x\/gbfs/,
  )
})
