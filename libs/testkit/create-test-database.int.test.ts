import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '@velocast/db'
import { createTestDatabase } from './create-test-database.ts'
import { silentLog } from './silent-log.ts'

test('databases made at once each have all tables and none of the others rows', async () => {
  const made = await Promise.all([1, 2, 3].map(() => createTestDatabase()))
  for (const [index, { database }] of made.entries())
    await database.query(
      `insert into station_information values ('s', $1, 'n', 0, 0, null, false, null, now())`,
      [`station ${index}`],
    )
  for (const { database } of made) {
    const { rows } = await database.query<{ n: number }>('select count(*) as n from station_information')
    assert.deepEqual(rows, [{ n: 1 }])
  }
  await Promise.all(made.map((each) => each.drop()))
})

test('drop removes the database although somebody is connected', async () => {
  const { url, drop } = await createTestDatabase({ migrated: false })
  const guest = openDatabase({ url, log: silentLog, applicationName: 'guest' })
  await guest.query('select 1')
  await drop()
  await assert.rejects(guest.query('select 1'))
  await guest.close()
})
