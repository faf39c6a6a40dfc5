import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { createTestDatabase, silentLog, type TestDatabase } from '@velocast/testkit'
import { migrate, pendingMigrations } from './migrate.ts'
import { type MigrationFile, readMigrations } from './migration-files.ts'
import { openDatabase } from './open-database.ts'

const fileOf = (name: string, sql: string): MigrationFile => ({
  name,
  number: Number(name.slice(0, 4)),
  onlyOn: name.endsWith('.full') ? 'timescale' : null,
  sql,
  sha256: createHash('sha256').update(sql).digest('hex'),
})

const first = fileOf('0001_first', 'create table first (id integer)')

describe('migrate', () => {
  let empty: TestDatabase
  before(async () => {
    empty = await createTestDatabase({ migrated: false })
  })
  after(() => empty.drop())

  test('an empty database gets every table once, whoever comes first', async () => {
    assert.equal((await pendingMigrations(empty.database)).length, readMigrations().length)
    const others = [1, 2, 3].map(() =>
      openDatabase({ url: empty.url, log: silentLog, applicationName: 'test' }),
    )
    const reports = await Promise.all([empty.database, ...others].map((database) => migrate(database)))
    const applied = reports.flatMap((report) => report.applied)
    const { edition } = reports[0]!
    const wanted = readMigrations().filter((file) => file.onlyOn === null || file.onlyOn === edition)
    assert.deepEqual(
      applied,
      wanted.map((file) => file.name),
    )
    assert.deepEqual(await pendingMigrations(empty.database), [])
    assert.deepEqual((await migrate(empty.database)).applied, [])
    await Promise.all(others.map((database) => database.close()))
  })

  test('a file that was changed after it was applied is refused, and nothing else is applied', async () => {
    const files = readMigrations()
    const changed = { ...files[0]!, sha256: 'f'.repeat(64) }
    const next = fileOf('9999_next', 'create table must_not_exist (id integer)')
    await assert.rejects(migrate(empty.database, { files: [changed, ...files.slice(1), next] }), {
      name: 'MigrationError',
      message: /0001_stations is not the one .* Restore the file/,
    })
    const { rows } = await empty.database.query<{ found: boolean }>(
      "select to_regclass('must_not_exist') is not null as found",
    )
    assert.deepEqual(rows, [{ found: false }])
  })

  test('a file that fails leaves nothing behind and names its line', async () => {
    const files = readMigrations()
    const broken = fileOf('9998_broken', 'create table half (id integer);\n\nselect nonsense;')
    await assert.rejects(migrate(empty.database, { files: [...files, broken] }), {
      name: 'MigrationError',
      message: /9998_broken failed at line 3: column "nonsense" does not exist/,
    })
    const { rows } = await empty.database.query<{ found: boolean }>(
      "select to_regclass('half') is not null as found",
    )
    assert.deepEqual(rows, [{ found: false }])
  })

  test('what a newer version applied is reported and left', async () => {
    const report = await migrate(empty.database, { files: readMigrations().slice(0, 2) })
    assert.deepEqual(report.applied, [])
    assert.ok(report.unknown.includes('0003_station_features'))
  })
})

test('a file for the full edition runs there only, even when the edition comes later', async () => {
  const { database, drop } = await createTestDatabase({ migrated: false })
  try {
    const full = fileOf('0002_second.full', 'create table second (id integer)')
    const report = await migrate(database, { files: [first, full] })
    const expected = report.edition === 'timescale' ? ['0001_first', '0002_second.full'] : ['0001_first']
    assert.deepEqual(report.applied, expected)
  } finally {
    await drop()
  }
})
