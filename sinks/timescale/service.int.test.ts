import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { columnNames } from '@velocast/db'
import type { TopicProducer } from '@velocast/kafka'
import { topics } from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  generateStatus,
  type SpawnedService,
  spawnService,
  type TestDatabase,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { sinkTables } from './sink-lanes.ts'
import { oneOfEach, record, systemId } from './testing/sample-records.ts'

const main = new URL('./main.ts', import.meta.url)

describe('the sink as a process', () => {
  let made: TestDatabase
  let broker: TestKafka
  let producer: TopicProducer
  let service: SpawnedService
  before(async () => {
    ;[made, broker] = await Promise.all([createTestDatabase(), createTestKafka()])
    producer = await broker.kafka.openProducer()
    service = spawnService(main, { ...broker.env, DATABASE_URL: made.url })
  })
  after(async () => {
    await service.kill('SIGKILL')
    await producer.close()
    await Promise.all([made.drop(), broker.close()])
  })

  const countIn = async (table: string): Promise<number> => {
    const { rows } = await made.database.query<{ count: number }>(`select count(*) as count from ${table}`)
    return rows[0]!.count
  }
  const rowsIn = async (table: string, rows: number): Promise<void> => {
    await waitFor(async () => (await countIn(table)) === rows, {
      what: `${rows} rows in ${table}`,
    })
  }

  test('a record of every topic is found in its table, with a value for each column', async () => {
    assert.deepEqual(
      new Set(oneOfEach.map(({ topic }) => topic.name)),
      new Set(sinkTables.map(({ topic }) => topic.name)),
    )
    await producer.send(oneOfEach)
    await rowsIn('model_events', 3)
    await waitFor(async () => (await countIn('weather_forecasts')) > 1, {
      what: 'a forecast',
    })
    for (const { table } of sinkTables.filter(
      ({ table }) => !['model_events', 'weather_forecasts'].includes(table),
    ))
      await rowsIn(table, 1)
    for (const { topic, value } of oneOfEach) {
      const table = sinkTables.find((each) => each.topic === topic)!
      const row = table
        .rowsFrom(value)[0]!
        .flatMap((each) => (each instanceof Float32Array ? [...each] : [each]))
      const columns = columnNames(table.columns)
      const { rows } = await made.database.query<Record<string, unknown>>(
        `select * from ${table.table} where ${table.table === 'model_events' ? 'event' : 'system_id'} = $1`,
        [table.table === 'model_events' ? row[columns.indexOf('event')] : systemId],
      )
      assert.deepEqual(
        columns.map((name) => asStored(rows[0]![name])),
        row.map(asStored),
        table.table,
      )
    }
  })

  test('a poisoned record is dead-lettered with its reason, and those around it are written', async () => {
    const values = [...generateStatus({ seed: 2, systemId: 'poisoned', stations: 300, polls: 1 })]
    values[120] = { ...values[120]!, bikes: -3 }
    await producer.send(values.map((value) => record(topics.stationStatus, value)))
    await broker.writeRaw('station-status', [{ partition: 0, key: 'garbage', value: 'this is not Avro' }])
    await rowsIn(`station_status where system_id = 'poisoned'`, 299)
    const letters = await waitFor(
      async () => {
        const found = await broker.readRaw('station-status.dlq')
        return found.length === 2 && found
      },
      { what: 'two dead letters' },
    )
    const reasons = letters.map(({ key, headers }) => [
      key,
      headers['velocast-reason'],
      headers['velocast-detail'],
    ])
    assert.deepEqual(reasons.sort(), [
      ['garbage', 'not-avro', 'the value does not begin with a zero byte and a schema id'],
      ['poisoned/station-120', 'invalid', "breaks the table's rule counts_not_negative"],
    ])
  })

  test('metrics say what was written; SIGTERM ends it with 0', async () => {
    const { address } = service.events().find((event) => event.msg === 'metrics and health') as {
      address: string
    }
    const metrics = await (await fetch(`${address}/metrics`)).text()
    assert.match(metrics, /velocast_sink_rows_total\{table="station_status",service="timescale-sink"\} 300/)
    assert.match(
      metrics,
      /velocast_sink_rejected_total\{table="station_status",reason="invalid",service="timescale-sink"\} 1/,
    )
    assert.match(metrics, /velocast_sink_lag_seconds\{table="alerts"/)
    assert.equal((await fetch(`${address}/health/ready`)).status, 200)
    assert.equal(await service.kill('SIGTERM'), 0)
  })
})

test('a database without this version tables ends the sink with a word on what to do', async () => {
  const [made, broker] = await Promise.all([
    createTestDatabase({ migrated: false }),
    createTestKafka({ partitions: 1 }),
  ])
  const producer = await broker.kafka.openProducer()
  const service = spawnService(main, { ...broker.env, DATABASE_URL: made.url })
  try {
    await producer.send([...oneOfEach.filter(({ topic }) => topic === topics.stationStatus)])
    assert.equal(await service.exited, 1)
    assert.match(service.lines().join('\n'), /lacks \d+ migration\(s\).*run `velocast migrate` first/)
  } finally {
    await service.kill('SIGKILL')
    await producer.close()
    await Promise.all([made.drop(), broker.close()])
  }
})

/** What a number with a fraction is in a `real` column; times and counts stay as they are. */
const asStored = (value: unknown): unknown =>
  Number.isInteger(value) || typeof value !== 'number' ? value : Math.fround(value)
