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

test('a station that is nowhere, or whose capacity cannot be, is rejected with the reason', () => {
  const ruleOf = (fields: Record<string, unknown>) => read(station(fields)).rejected[0]?.rule
  assert.equal(ruleOf({ lat: 91 }), 'no-position')
  assert.equal(ruleOf({ lon: 'x' }), 'no-position')
  assert.equal(ruleOf({ lat: undefined }), 'no-position')
  assert.equal(ruleOf({ lat: 0, lon: 0 }), 'no-position')
  assert.equal(ruleOf({ capacity: -2 }), 'negative')
  assert.equal(ruleOf({ lat: '59.9', capacity: null }), undefined)
})
