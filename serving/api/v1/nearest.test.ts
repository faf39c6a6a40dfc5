import assert from 'node:assert/strict'
import { test } from 'node:test'
import { distanceMetres, nearestTo } from './nearest.ts'

const station = (stationId: string, latitude: number | null, longitude: number | null) => ({
  stationId,
  name: null,
  latitude,
  longitude,
  capacity: null,
})

test('distances are those along the sphere', () => {
  const oslo = { latitude: 59.9139, longitude: 10.7522 }
  const bergen = { latitude: 60.3913, longitude: 5.3221 }
  assert.ok(Math.abs(distanceMetres(oslo, bergen) - 305_000) < 1_000)
  assert.equal(distanceMetres(oslo, oslo), 0)
  const across = distanceMetres({ latitude: 0, longitude: 179.9 }, { latitude: 0, longitude: -179.9 })
  assert.ok(Math.abs(across - 22_239) < 1, 'over the date line')
})

test('a station without a place is nowhere near; of two equally far the first by id comes first', () => {
  const found = nearestTo({ latitude: 0, longitude: 0 }, [
    station('z', 0, 0.001),
    station('lost', null, null),
    station('b', 0.001, 0),
    station('near', 0, 0),
  ])
  assert.deepEqual(
    found.map(({ stationId }) => stationId),
    ['near', 'b', 'z'],
  )
})
