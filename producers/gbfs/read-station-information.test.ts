import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readStationInformation } from './read-station-information.ts'

const polledAt = Date.UTC(2026, 2, 2, 8)
const read = (...stations: unknown[]) => readStationInformation({ data: { stations } }, { polledAt })
const station = (fields: Record<string, unknown> = {}) => ({
  station_id: 'a',
  name: 'Harbour',
  lat: 59.9,
  lon: 10.7,
  capacity: 20,
  ...fields,
})

test('a position is understood with a comma, or together in one field', () => {
  const odd: Record<string, unknown>[] = [
    { lat: '59,9', lon: '10,7' },
    { coordonnees_geo: { lat: 59.9, lon: 10.7 } },
    { coordonnees_geo: [59.9, 10.7] },
    { position: { lat: 59.9, lng: 10.7 } },
    { location: { type: 'Point', coordinates: [10.7, 59.9] } },
  ]
  for (const place of odd) {
    const stations = [{ station_id: 'a', name: 'A', capacity: 1, ...place }]
    const reading = readStationInformation({ data: { stations } }, { polledAt: 0 })
    const [{ latitude, longitude } = assert.fail(JSON.stringify(place))] = reading.stations
    assert.deepEqual([latitude, longitude], [59.9, 10.7], JSON.stringify(place))
  }
})

test('a station is read as it is', () => {
  assert.deepEqual(read(station({ region_id: 8, is_virtual_station: true })).stations, [
    {
      stationId: 'a',
      name: 'Harbour',
      latitude: 59.9,
      longitude: 10.7,
      capacity: 20,
      isVirtual: true,
      regionId: '8',
    },
  ])
})

test('of names in several languages the English one is taken, else the first', () => {
  const nameOf = (name: unknown) => read(station({ name })).stations[0]?.name
  const fr = { language: 'fr', text: 'Le port' }
  assert.equal(nameOf([fr, { language: 'en-GB', text: 'The harbour' }]), 'The harbour')
  assert.equal(nameOf([fr]), 'Le port')
  assert.equal(nameOf([]), 'a')
  assert.equal(nameOf(undefined), 'a')
})

test('a station that is nowhere is rejected with the reason', () => {
  const ruleOf = (fields: Record<string, unknown>) => read(station(fields)).rejected[0]?.rule
  assert.equal(ruleOf({ lat: 91 }), 'position-missing')
  assert.equal(ruleOf({ lon: 'x' }), 'position-missing')
  assert.equal(ruleOf({ lat: undefined }), 'position-missing')
  assert.equal(ruleOf({ lat: 0, lon: 0 }), 'position-missing')
  assert.equal(ruleOf({ lat: '59.9', capacity: null }), undefined)
})

test('a capacity that cannot be is unknown, and the station stays', () => {
  const rulesOf = (capacity: unknown) => {
    const reading = read(station({ capacity }))
    return [
      reading.stations[0]?.capacity,
      ...reading.oddities.map(({ rule }) => rule).filter((rule) => /^capacity/.test(rule)),
    ]
  }
  assert.deepEqual(rulesOf(-2), [null, 'capacity-implausible'])
  assert.deepEqual(rulesOf('many'), [null, 'capacity-implausible'])
  assert.deepEqual(rulesOf(undefined), [null, 'capacity-missing'])
  assert.deepEqual(rulesOf(0), [0, 'capacity-zero'])
  assert.deepEqual(rulesOf(20), [20])
})

test('the language that is wanted comes first', () => {
  const name = [
    { language: 'en', text: 'Harbour' },
    { language: 'fr-CA', text: 'Le port' },
  ]
  const { stations } = readStationInformation(
    { data: { stations: [station({ name })] } },
    { polledAt, language: 'fr' },
  )
  assert.equal(stations[0]?.name, 'Le port')
})
