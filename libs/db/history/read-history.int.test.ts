import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StationStatus } from '@velocast/schemas'
import { createTestDatabase, generateStatus } from '@velocast/testkit'
import { distinctRows } from '../rows/distinct-rows.ts'
import { upsertRows } from '../rows/upsert-rows.ts'
import { stationStatus } from '../tables/station-status.ts'
import { readStatuses } from './read-history.ts'

test('a reconstructed level never takes the place of a report, whichever is written first, and is in nobody else’s history', async (context) => {
  const { database, drop } = await createTestDatabase()
  context.after(drop)
  const reports = [...generateStatus({ seed: 1, stations: 2, polls: 4 })]
  const later = Date.now()
  const guesses = reports.slice(0, 6).map(
    (report, index): StationStatus => ({
      ...report,
      // The last two are of moments without a report.
      observedAt: report.observedAt + (index > 3 ? 1 : 0),
      bikes: 9_999,
      polledAt: later,
      origin: 'RECONSTRUCTED',
    }),
  )
  const write = (statuses: readonly StationStatus[]) =>
    upsertRows(database, stationStatus, distinctRows(stationStatus, statuses))
  await write(guesses)
  await write(reports)
  await write(guesses)
  const { rows } = await database.query<{ origin: string; count: number }>(
    'select origin, count(*)::int as count from station_status group by origin order by origin',
  )
  assert.deepEqual(rows, [
    { origin: 'RECONSTRUCTED', count: 2 },
    { origin: 'REPORTED', count: 8 },
  ])
  const read = await database.transaction(async (session) => {
    const range = { systemId: 'testville', from: 0, until: later + 1 }
    return (await Array.fromAsync(readStatuses(session, range))).flat()
  })
  assert.deepEqual(
    read.map(({ origin }) => origin),
    reports.map(() => 'REPORTED'),
  )
})
