import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { vectorFeatureNames } from '@velocast/features'
import type { StationVector } from '@velocast/schemas'
import { createTestDatabase, generateStatus, seededRandom, type TestDatabase } from '@velocast/testkit'
import type { Database } from '../open-database.ts'
import { stationFeatures } from '../tables/station-features.ts'
import { stationInformation } from '../tables/station-information.ts'
import { stationStatus } from '../tables/station-status.ts'
import type { TopicTable } from '../tables/topic-table.ts'
import { topicTables } from '../tables/topic-tables.ts'
import { distinctRows } from './distinct-rows.ts'
import { upsertRows } from './upsert-rows.ts'

const statuses = [...generateStatus({ seed: 7, stations: 10, polls: 24 })]

const vectors = statuses.map(({ systemId, stationId, observedAt, polledAt }, index): StationVector => {
  const random = seededRandom(index)
  const vector = Float32Array.from(vectorFeatureNames, () => (random() < 0.1 ? Number.NaN : random() * 100))
  return { systemId, stationId, asOf: observedAt, polledAt, names: vectorFeatureNames, vector }
})

/** A log in which a third of the records come again, half of those with another value, all in any order of their times. */
const untidy = <T>(values: readonly T[], amend: (value: T) => T): T[] => {
  const random = seededRandom(3)
  const again = values.filter(() => random() < 0.33).map((value) => (random() < 0.5 ? amend(value) : value))
  const places = new Map([...values, ...again].map((value) => [value, random()]))
  return [...values, ...again].sort((a, b) => places.get(a)! - places.get(b)!)
}

const logs: readonly { table: TopicTable; log: object[] }[] = [
  { table: stationStatus, log: untidy(statuses, (status) => ({ ...status, bikes: status.bikes + 1 })) },
  {
    table: stationFeatures,
    log: untidy(vectors, (value) => ({ ...value, vector: value.vector.map((each) => each + 1) })),
  },
]

const inBatches = <T>(log: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(log.length / size) }, (_, index) =>
    log.slice(index * size, (index + 1) * size),
  )

describe('upserts', () => {
  let made: TestDatabase
  let database: Database
  before(async () => {
    made = await createTestDatabase()
    database = made.database
  })
  after(() => made.drop())
  beforeEach(() => emptyTables())

  const emptyTables = () =>
    database.query(
      `truncate ${[...new Set(Object.values(topicTables).map(({ table }) => table))].join(', ')}`,
    )
  /** Resolves with the number of rows that were new or changed. */
  const write = async <T>(table: TopicTable<T>, batches: readonly (readonly T[])[]): Promise<number> => {
    let changed = 0
    for (const batch of batches) changed += await upsertRows(database, table, distinctRows(table, batch))
    return changed
  }
  const contentOf = async (table: TopicTable): Promise<unknown[]> => {
    const { rows } = await database.query(`select * from ${table.table} order by ${table.key.join(', ')}`)
    return rows
  }

  for (const { table, log } of logs) {
    test(`${table.table}: in whatever batches, the table is that of one record after the other`, async () => {
      await write(table, inBatches(log, 1))
      const oneByOne = await contentOf(table)
      assert.equal(oneByOne.length, statuses.length)
      for (const size of [7, 97, log.length]) {
        await emptyTables()
        await write(table, inBatches(log, size))
        assert.deepEqual(await contentOf(table), oneByOne)
      }
    })

    test(`${table.table}: what is there already is not written again, and a replay ends the same`, async () => {
      await write(table, inBatches(log, 50))
      const content = await contentOf(table)
      const lastWords = log.slice(log.length - 20)
      assert.equal(await write(table, [lastWords]), 0)
      await write(table, inBatches(log.slice(log.length / 3), 61))
      assert.deepEqual(await contentOf(table), content)
    })
  }

  test('of two reports of one moment the one that became known first stays, in whatever order they are written', async () => {
    const [first] = statuses
    const known = { ...first!, bikes: 1, polledAt: first!.observedAt + 1000 }
    const secondThought = { ...known, bikes: 2, polledAt: known.polledAt + 1 }
    for (const order of [
      [known, secondThought],
      [secondThought, known],
    ]) {
      for (const batches of [[order], order.map((status) => [status])]) {
        await emptyTables()
        await write(stationStatus, batches)
        const { rows } = await database.query('select bikes from station_status')
        assert.deepEqual(rows, [{ bikes: 1 }])
      }
    }
  })

  test('of two vectors of a key the last one in the log stays', async () => {
    const [vector] = vectors
    const amended = { ...vector!, vector: vector!.vector.map(() => 99) }
    await write(stationFeatures, [[vector!], [amended]])
    const { rows } = await database.query('select bikes from station_features')
    assert.deepEqual(rows, [{ bikes: 99 }])
  })

  test('a station keeps its newest facts when an older record is replayed alone', async () => {
    const factsAt = (polledAt: number, name: string) => ({
      systemId: 'testville',
      stationId: 'a',
      name,
      latitude: 1,
      longitude: 2,
      capacity: 3,
      isVirtual: false,
      regionId: null,
      polledAt,
    })
    await write(stationInformation, [[factsAt(2000, 'new')], [factsAt(1000, 'old')]])
    const { rows } = await database.query('select name from station_information')
    assert.deepEqual(rows, [{ name: 'new' }])
  })

  test('an impossible value is refused with the name of the rule, and nothing of its batch is written', async () => {
    const [good, other] = statuses
    const inFarFuture = Date.UTC(4000, 0)
    const refused = [
      { change: { observedAt: inFarFuture, polledAt: inFarFuture }, because: /observed_in_this_century/ },
      { change: { polledAt: other!.observedAt - 1 }, because: /observed_before_polled/ },
      { change: { docks: -1 }, because: /counts_not_negative/ },
      { change: { stationId: 'nul \u0000' }, because: /invalid byte sequence/ },
    ]
    for (const { change, because } of refused)
      await assert.rejects(write(stationStatus, [[good!, { ...other!, ...change }]]), {
        code: /^2[23]/,
        message: because,
      })
    assert.deepEqual(await contentOf(stationStatus), [])
  })
})
