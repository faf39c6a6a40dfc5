import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestDatabase, generateStatus, type TestDatabase } from '@velocast/testkit'
import { stationStatus } from '../tables/station-status.ts'
import { createRowWriter } from './create-row-writer.ts'
import { distinctRows } from './distinct-rows.ts'

let made: TestDatabase
before(async () => {
  made = await createTestDatabase()
})
after(() => made.drop())

const statuses = [...generateStatus({ seed: 3, stations: 10, polls: 60 })]

test('new rows, known rows, both in one batch: always the same table', async () => {
  const write = createRowWriter(made.database)
  const writeRange = (from: number, to: number) =>
    write(stationStatus, distinctRows(stationStatus, statuses.slice(from, to)))
  assert.equal(await writeRange(0, 0), 0)
  assert.equal(await writeRange(0, 100), 100, 'all are new')
  assert.equal(await writeRange(0, 100), 0, 'all are known')
  assert.equal(await writeRange(50, 150), 50, 'half of them are known')
  for (let from = 150; from < 600; from += 10)
    assert.equal(await writeRange(from, from + 10), 10, 'new, by upsert and after a while by copy again')
  const { rows } = await made.database.query(
    'select station_id, observed_at, bikes from station_status order by observed_at, station_id',
  )
  assert.deepEqual(
    rows,
    statuses
      .map(({ stationId, observedAt, bikes }) => ({ station_id: stationId, observed_at: observedAt, bikes }))
      .sort((a, b) => a.observed_at - b.observed_at || (a.station_id < b.station_id ? -1 : 1)),
  )
})

test('a row that must give way is overwritten whatever came before', async () => {
  const write = createRowWriter(made.database)
  const amended = { ...statuses[5]!, bikes: 77, polledAt: statuses[5]!.observedAt }
  assert.equal(await write(stationStatus, distinctRows(stationStatus, [amended])), 1)
  const { rows } = await made.database.query('select station_id from station_status where bikes = 77')
  assert.deepEqual(rows, [{ station_id: amended.stationId }])
})
