import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { UnavailableError } from '@velocast/runtime'
import { createTestDatabase, silentLog, type TestDatabase } from '@velocast/testkit'
import type { CopyColumn } from './encode-rows.ts'
import { type Database, openDatabase } from './open-database.ts'

describe('a database', () => {
  let made: TestDatabase
  let database: Database
  before(async () => {
    made = await createTestDatabase({ migrated: false })
    database = made.database
  })
  after(() => made.drop())

  const count = async (table: string): Promise<number> => {
    const { rows } = await database.query<{ rows: number }>(`select count(*) as rows from ${table}`)
    return rows[0]!.rows
  }

  test('times are epoch milliseconds, bigints are numbers, days are text', async () => {
    const at = Date.UTC(2026, 2, 29, 1, 30, 0, 123)
    const { rows } = await database.query(
      `select $1::timestamptz as at, null::timestamptz as never, 'infinity'::timestamptz as forever, 12::bigint as count,
         array[$1::timestamptz, null] as times, array[1::bigint] as counts, '2026-03-29'::date as day, 'NaN'::real as unknown, 0.1::real as rough`,
      [new Date(at)],
    )
    assert.deepEqual(rows, [
      {
        at,
        never: null,
        forever: Number.POSITIVE_INFINITY,
        count: 12,
        times: [at, null],
        counts: [1],
        day: '2026-03-29',
        unknown: Number.NaN,
        rough: Math.fround(0.1),
      },
    ])
    await assert.rejects(database.query('select 9007199254740993::bigint'), RangeError)
  })

  test('every type of column that is copied in comes out as it was', async () => {
    const columns: CopyColumn[] = [
      { name: 'truth', type: 'boolean' },
      { name: 'small', type: 'integer' },
      { name: 'large', type: 'bigint' },
      { name: 'exact', type: 'double' },
      { name: 'rough', type: 'real' },
      { name: 'word', type: 'text' },
      { name: 'at', type: 'timestamptz' },
      { name: 'roughs', type: 'real[]' },
      { name: 'words', type: 'text[]' },
      { name: 'counts', type: 'integer[]' },
      { name: 'times', type: 'timestamptz[]' },
      { name: 'open', type: 'jsonb' },
      { names: ['order', 'group'], type: 'reals' },
    ]
    await database.query(
      `create table every_type (truth boolean, small integer, large bigint, exact double precision, rough real, word text, at timestamptz,
         roughs real[], words text[], counts integer[], times timestamptz[], open jsonb, "order" real, "group" real)`,
    )
    const at = Date.UTC(1999, 11, 31, 23, 59, 59, 999)
    const full = [
      true,
      -5,
      -(2 ** 52),
      Math.PI,
      0.5,
      'Zürich "central" \\N',
      at,
      [Math.fround(0.1), Number.NaN],
      ['a,b', 'ü', ''],
      [7, -1],
      [at, 0],
      { a: [1] },
      Float32Array.of(1, Number.NaN),
    ]
    const empty = [null, null, null, null, null, null, null, [], [], [], [], null, Float32Array.of(0, -0)]
    assert.equal(await database.copyInto('every_type', columns, [full, empty]), 2)
    const { rows } = await database.query('select * from every_type')
    assert.deepEqual(rows.map(Object.values), [
      [...full.slice(0, -1), 1, Number.NaN],
      [...empty.slice(0, -1), 0, -0],
    ])
  })

  test('a copy that fails on either side leaves nothing, and its connection goes on', async () => {
    await database.query('create table checked (id integer check (id < 1000))')
    const columns = [{ name: 'id', type: 'integer' }] as const
    const good = Array.from({ length: 500_000 }, () => [1])
    await assert.rejects(database.copyInto('checked', columns, [...good, [1000], ...good]), { code: '23514' })
    await assert.rejects(database.copyInto('checked', columns, [...good, ['word']]), TypeError)
    await assert.rejects(database.copyInto('nowhere', columns, good), { code: '42P01' })
    assert.equal(await count('checked'), 0)
    assert.equal(await database.copyInto('checked', columns, good), good.length)
    assert.equal(database.connections().total, 1)
  })

  test('a transaction that fails leaves nothing', async () => {
    await database.query('create table kept (id integer primary key)')
    const twice = database.transaction(async (session) => {
      await session.query('insert into kept values (1)')
      await session.query('insert into kept values (1)')
    })
    await assert.rejects(twice, { code: '23505' })
    assert.equal(await count('kept'), 0)
    assert.equal(await database.transaction(async (session) => (await session.query('select 1')).rowCount), 1)
  })

  test('a connection that is cut is unavailability, in a query, in a copy, between statements; and the next one is new', async () => {
    const cut = (session: { query: Database['query'] }) =>
      session.query('select pg_terminate_backend(pg_backend_pid())')
    await assert.rejects(cut(database), UnavailableError)
    await database.query('create table half_copied (id integer)')
    function* rowsUntilCut(): Generator<number[]> {
      for (let id = 0; id < 2_000_000; id++) {
        if (id === 100_000) void killOthers()
        yield [id]
      }
    }
    const killOthers = () =>
      database.query('select pg_terminate_backend(pid) from pg_stat_activity where query like $1', ['copy %'])
    await assert.rejects(
      database.copyInto('half_copied', [{ name: 'id', type: 'integer' }], rowsUntilCut()),
      UnavailableError,
    )
    const between = database.transaction(async (session) => {
      const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid')
      await database.query('select pg_terminate_backend($1, 5000)', [rows[0]!.pid])
      await session.query('select 1')
    })
    await assert.rejects(between, UnavailableError)
    assert.equal(await count('half_copied'), 0)
  })

  test('a statement that takes too long is cancelled, which is not unavailability', async () => {
    const hasty = openDatabase({
      url: made.url,
      log: silentLog,
      applicationName: 'hasty',
      statementTimeoutMs: 50,
    })
    await assert.rejects(hasty.query('select pg_sleep(10)'), { code: '57014' })
    await hasty.close()
  })
})

describe('a server that is away', () => {
  const openAt = (url: string, connectTimeoutMs = 10_000): Database =>
    openDatabase({ url, log: silentLog, applicationName: 'test', connectTimeoutMs })

  test('refused connections are unavailability', async () => {
    const database = openAt('postgres://user:secret@127.0.0.1:1/none')
    await assert.rejects(database.query('select 1'), { name: 'UnavailableError', dependency: 'database' })
    await database.close()
  })

  test('so is a server that accepts and says nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const database = openAt(`postgres://user:secret@127.0.0.1:${port}/none`, 200)
    await assert.rejects(database.query('select 1'), UnavailableError)
    await database.close()
    server.close()
  })

  test('a wrong password is not', async () => {
    const address = new URL(process.env.DATABASE_URL ?? '')
    address.password = 'wrong'
    const database = openAt(address.href)
    await assert.rejects(database.query('select 1'), { code: '28P01' })
    await database.close()
  })
})
