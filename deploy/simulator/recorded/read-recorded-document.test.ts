import assert from 'node:assert/strict'
import test from 'node:test'
import { recordedDocument } from '@velocast/recordings'
import { readRecordedDocument } from './read-recorded-document.ts'
import { ABSENT } from './recording.ts'

const read = (document: unknown) => readRecordedDocument(recordedDocument(document)!)

test('status of 1.0, with times in quotes and numbers for flags', () => {
  assert.deepEqual(
    read({
      last_updated: '1473914245',
      data: {
        stations: [
          {
            station_id: 2,
            num_bikes_available: 9,
            num_docks_available: 18,
            is_installed: 1,
            is_renting: 0,
            is_returning: 1,
            last_reported: '1473913730',
          },
          { num_bikes_available: 1 },
        ],
      },
    }),
    {
      kind: 'status',
      rows: [
        {
          stationId: '2',
          counts: [9, ABSENT, 18, ABSENT, ABSENT],
          flags: 0b101,
          reportedSeconds: 1_473_913_730,
        },
      ],
    },
  )
})

test('status of 3.0', () => {
  const document = read({
    last_updated: '2026-05-04T08:00:00+02:00',
    data: {
      stations: [{ station_id: 'a', num_vehicles_available: 3, num_vehicles_disabled: 1, is_renting: false }],
    },
  })
  assert.ok(document.kind === 'status')
  assert.deepEqual(document.rows[0]?.counts, [3, ABSENT, ABSENT, 1, ABSENT])
  assert.equal(document.rows[0]?.flags, 0b101, 'what is not said to be off is on')
})

test('information, with localized names or without', () => {
  const document = read({
    last_updated: 100,
    data: {
      stations: [
        { station_id: 'a', name: [{ text: 'Mill', language: 'en' }], lat: 1, lon: 2, capacity: 12 },
        { station_id: 'b', name: 'Lane', short_name: 'L1', lat: '3.5', lon: 4 },
        { station_id: 'nowhere', name: 'N', lat: null },
      ],
    },
  })
  assert.ok(document.kind === 'information')
  assert.deepEqual(document.information.stations.slice(0, 2), [
    { stationId: 'a', name: 'Mill', latitude: 1, longitude: 2, capacity: 12 },
    { stationId: 'b', name: 'Lane', shortName: 'L1', latitude: 3.5, longitude: 4, capacity: 0 },
  ])
  assert.equal(document.information.stations.length, 2, 'a station that is nowhere is left out')
})

test('system information', () => {
  assert.deepEqual(read({ data: { system_id: 'x', name: 'X', timezone: 'US/Central' } }), {
    kind: 'system',
    systemId: 'x',
    name: 'X',
    timeZone: 'US/Central',
  })
})
