import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordedDocument } from './recorded-document.ts'

test('a document is known by what it holds, of any version', () => {
  const status = recordedDocument({
    last_updated: '2026-05-04T08:00:00+02:00',
    data: { stations: [{ station_id: 'a', num_vehicles_available: 3 }] },
  })
  assert.deepEqual([status?.kind, status?.recordedAt], ['status', Date.UTC(2026, 4, 4, 6)])
  const kindOf = (document: unknown) => recordedDocument(document)?.kind
  assert.equal(
    kindOf({ last_updated: '1473914245', data: { stations: [{ lat: 1, lon: 2 }] } }),
    'information',
  )
  assert.equal(kindOf({ data: { vehicle_types: [] } }), 'vehicle-types')
  assert.equal(kindOf({ data: { system_id: 'x', timezone: 'US/Central' } }), 'system')
})

test('a status that does not say when is as old as the newest report in it', () => {
  const stations = [{ last_reported: 1_661_990_486 }, { last_reported: 1_661_990_543 }, {}]
  assert.equal(recordedDocument({ data: { stations } })?.recordedAt, 1_661_990_543_000)
})

test('facts may not say since when; a status must', () => {
  assert.equal(recordedDocument({ data: { stations: [{ lat: 1 }] } })?.recordedAt, Number.NEGATIVE_INFINITY)
  assert.equal(recordedDocument({ data: { stations: [{ station_id: 'a' }] } }), null)
  for (const other of [null, [], 7, {}, { data: [] }, { data: { plans: [] } }])
    assert.equal(recordedDocument(other), null, JSON.stringify(other))
})
