import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createVectorTable } from './vector-table.ts'

const row = (stationId: string, asOf: number, ...values: number[]) => ({
  stationId,
  asOf,
  polledAt: asOf + 1,
  vector: Float32Array.from(values),
})

test('the newest vector of a station stays; the same moment again is a correction', () => {
  const table = createVectorTable(['bikes', 'docks'])
  assert.equal(table.put(row('a', 20, 1, 2)), 'kept')
  assert.equal(table.put(row('a', 10, 3, 4)), 'older')
  assert.deepEqual([...table.get('a')!.vector], [1, 2])
  assert.equal(table.put(row('a', 20, 5, 6)), 'kept')
  assert.deepEqual([...table.get('a')!.vector], [5, 6])
  assert.equal(table.newestAsOf(), 20)
  assert.equal(table.get('b'), null)
})

test('features are taken by name: what the writer did not know is NaN, what is not needed is left out', () => {
  const table = createVectorTable(['bikes', 'docks', 'ebikes'])
  table.put(row('a', 1, 7, 8, 9), ['docks', 'old_feature', 'bikes'])
  assert.deepEqual([...table.get('a')!.vector], [9, 7, Number.NaN])
})

test('it grows with the city', () => {
  const table = createVectorTable(['bikes'])
  for (let station = 0; station < 1000; station++) table.put(row(`s${station}`, station, station))
  assert.equal(table.size(), 1000)
  for (const { stationId, vector, asOf } of table.all())
    assert.deepEqual([stationId, vector[0]], [`s${asOf}`, asOf])
})
